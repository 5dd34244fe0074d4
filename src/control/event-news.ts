import type { EventBody, FleetEvent } from '../fleet/events.js';

/** How many jobs are remembered: more than a fleet has at once. */
const MOST = 20_000;

/**
 * Whether an event adds anything to those that are recorded. Every command finds the servers that run, and says so;
 * the history has each once, until something changes.
 */
export function eventNews(recorded: readonly EventBody[]) {
  const last = new Map<string, string>();
  const isNews = (event: EventBody): boolean => {
    const subject = subjectOf(event);
    if (subject === undefined) return true;
    const content = contentOf(event);
    const isNew = last.get(subject) !== content;
    last.delete(subject);
    last.set(subject, content);
    const [oldest] = last.keys();
    if (last.size > MOST && oldest !== undefined) last.delete(oldest);
    return isNew;
  };
  for (const event of recorded) isNews(event);
  return isNews;
}

/** Shows events that are news: each session of a keeper finds the servers that run. */
export function newsOnly<S extends { event(event: FleetEvent): void }>(show: S): S {
  const isNews = eventNews([]);
  return {
    ...show,
    event(event: FleetEvent) {
      if (isNews(event)) show.event(event);
    },
  };
}

function subjectOf({ type, state, job_id, instance }: EventBody): string | undefined {
  if (type === 'endpoints') return type;
  return state === undefined ? undefined : `${type} ${job_id ?? instance}`;
}

function contentOf({ type, state, reason, data = {} }: EventBody): string {
  if (type === 'endpoints')
    return `${data.nodes} ${(data.urls as string[] | undefined)?.toSorted().join(' ')}`;
  // Each command that finds a ready server gives another reason for reporting it.
  if (state === 'ready') return `${state} ${data.url} ${data.reachable === false}`;
  return `${state} ${data.step} ${reason}`;
}
