import { stripVTControlCharacters } from 'node:util';
import type { Difference } from './differences.js';
import type { FleetEvent } from './events.js';
import { slotSentence } from './slot-sentence.js';

/** An event as a sentence: what happened, why, and what follows. Also for events of older versions, which say less. */
export function eventLine(event: FleetEvent): string {
  return oneLine(sentence(event));
}

/** Makes text of a log or a tool safe to print within one line. */
export function oneLine(text: string): string {
  return (
    stripVTControlCharacters(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
      .trim()
  );
}

function sentence(event: FleetEvent): string {
  const { type, reason, state, job_id, data = {} } = event;
  const command = typeof data.command === 'string' ? data.command : undefined;
  if ((type === 'instance' || type === 'gateway') && state !== undefined) return slotSentence(event);
  if (type === 'submitted')
    return job_id === undefined && reason ? reason : `submitted ${reason ?? `job ${job_id}`}`;
  if (reason === undefined) return type;
  switch (type) {
    case 'plan':
      return command === undefined ? `plan: ${reason}` : `${command} asks for ${reason}${changes(data)}`;
    case 'endpoints':
      return typeof data.nodes === 'number'
        ? `clients have ${data.ready} of ${data.nodes} servers now`
        : `endpoints: ${reason}`;
    case 'result':
      return `${command ?? 'the command'} ${data.exit_code === 0 ? 'has finished' : 'failed'}: ${reason}`;
    case 'keeper':
      return reason;
    default:
      return `${type}: ${reason}`;
  }
}

function changes({ generation, changes = [] }: { generation?: unknown; changes?: unknown }): string {
  const texts = (changes as Difference[]).map(({ field, from, to }) => `${field} from ${from} to ${to}`);
  const changed = texts.length === 0 ? '' : `, changing ${texts.join(', ')}`;
  return `${changed} (generation ${generation})`;
}
