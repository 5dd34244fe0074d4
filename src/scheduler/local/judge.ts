import type { JobEnd, JobFact } from '../../fleet/job-facts.js';
import type { LocalJob } from './records.js';

/** What a machine says of a job's processes: `elsewhere`, another machine's; `restarted`, since then. */
export type Witness = 'elsewhere' | 'restarted' | { supervisor: boolean; leader: boolean };

/** Reasons of our own for an end that no supervisor saw. */
const RESTARTED = 'MachineRestarted';
const UNSEEN = 'SupervisorKilled';

interface Standing {
  state: string;
  reason: string;
}

/** A record says what its supervisor saw last; where that one is gone, the processes say the rest. */
function standing({ record, cancelled }: LocalJob, witness: Witness): Standing {
  if (record.state !== 'RUNNING') return { state: record.state, reason: record.reason };
  if (witness === 'restarted') return { state: 'FAILED', reason: RESTARTED };
  const going = { state: cancelled ? 'COMPLETING' : 'RUNNING', reason: '' };
  // Another machine's processes cannot be seen from here: its last word stands.
  if (witness === 'elsewhere' || witness.leader) return going;
  return witness.supervisor ? { state: 'COMPLETING', reason: '' } : { state: 'FAILED', reason: UNSEEN };
}

/** `now` is seconds since the epoch. */
export function factOf(job: LocalJob, witness: Witness, now: number): JobFact {
  const { about, record } = job;
  const elapsed = Math.max(0, (record.ended_at ?? Math.floor(now)) - record.started_at);
  return {
    id: job.id,
    task: job.id.includes('_') ? Number(job.id.split('_')[1]) : null,
    tag: { fleet: about.fleet, generation: about.generation, submission: about.submission },
    ...standing(job, witness),
    node: about.node,
    timeLeft: about.time_limit === 0 ? null : Math.max(0, about.time_limit - elapsed),
    elapsed,
    startTime: new Date(record.started_at * 1000).toISOString(),
    script: about.script,
  };
}

export function endOf(job: LocalJob, witness: Witness): JobEnd {
  const code = job.record.exit_code;
  return {
    ...standing(job, witness),
    exitCode: code === null ? null : `${code}:0`,
    node: job.about.node,
  };
}

/** Only a job whose supervisor was killed needs somebody else to end it. */
export function orphaned({ record }: LocalJob, witness: Witness): boolean {
  return record.state === 'RUNNING' && typeof witness === 'object' && !witness.supervisor && witness.leader;
}
