import { readIfThere } from '../files/atomic.js';
import type { JobFact } from '../fleet/job-facts.js';
import { isTerminal } from '../fleet/job-table.js';
import { slotOf } from '../fleet/slot.js';
import { parseSpecLine, type Spec, slotHash } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import type { FleetStore, SubmissionRecord } from '../state/store.js';

export interface Adopted {
  submissions: SubmissionRecord[];
  /** The newest spec of the scripts; undefined if none was found. */
  spec: Spec | undefined;
}

/**
 * Finds submissions that are missing from the state folder by their jobs: the batch script carries spec and
 * submission. With `write` they are recorded, which rebuilds a deleted state folder. One scontrol call for each
 * submission, not for each job.
 */
export async function adoptJobs(
  scheduler: Scheduler,
  store: FleetStore,
  jobs: readonly JobFact[],
  known: ReadonlyMap<string, SubmissionRecord>,
  write: boolean,
): Promise<Adopted> {
  const strangers = new Map<string, JobFact[]>();
  for (const job of jobs) {
    if (known.has(job.tag.submission) || job.tag.fleet !== store.fleet) continue;
    strangers.set(job.tag.submission, [...(strangers.get(job.tag.submission) ?? []), job]);
  }
  const adopted: Adopted = { submissions: [], spec: undefined };
  for (const [id, members] of strangers) {
    const [first] = members;
    if (first === undefined) continue;
    const script = (await readIfThere(first.script)) ?? (await scheduler.script(first.id));
    const carried = script === undefined ? undefined : parseSpecLine(script);
    if (carried === undefined) continue;
    if (carried.spec.generation >= (adopted.spec?.generation ?? 0)) adopted.spec = carried.spec;
    const submission: SubmissionRecord = {
      schema_version: 1,
      id,
      generation: carried.spec.generation,
      hash: slotHash(carried.spec, slotOf(carried.submission.offset)) ?? carried.spec.hash,
      offset: carried.submission.offset,
      array: members.some((job) => job.task !== null) ? members.map((job) => job.task).join(',') : null,
      instances: members.map((job) => slotOf((job.task ?? 0) + carried.submission.offset)),
      jobId: first.id.split('_')[0] ?? first.id,
      createdAt: new Date(0).toISOString(),
      // Not reported again: the ends of these jobs were reported before the state was lost, or their causes are lost with it.
      ended: members.filter(({ state }) => isTerminal(state)).map(({ id: ended }) => ended),
      closed: false,
    };
    adopted.submissions.push(submission);
    if (!write) continue;
    await store.prepare();
    await keepNewest(store, carried.spec);
    await store.writeSubmission(submission);
    if (script !== undefined) await store.writeScript(id, script);
  }
  return adopted;
}

async function keepNewest(store: FleetStore, spec: Spec): Promise<void> {
  const there = await store.readSpec();
  if (there === undefined || there.generation < spec.generation) await store.writeSpec(spec);
}
