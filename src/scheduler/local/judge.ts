import type { JobEnd, JobFact } from '../../fleet/job-facts.js';
import type { LocalJob } from './records.js';

/** `elsewhere`: on another machine, so unknown here; `restarted`: the machine was restarted since the job began. */
export type ProcessState = 'elsewhere' | 'restarted' | { supervisor: boolean; leader: boolean };

/** Reasons of our own for an end that no supervisor saw. */
const RESTARTED = 'MachineRestarted';
const SUPERVISOR_KILLED = 'SupervisorKilled';

interface StateAndReason {
  state: string;
  reason: string;
}

function stateOf({ record, cancelled }: LocalJob, processes: ProcessState): StateAndReason {
  if (record.state !== 'RUNNING') return { state: record.state, reason: record.reason };
  if (processes === 'restarted') return { state: 'FAILED', reason: RESTARTED };
  const going = { state: cancelled ? 'COMPLETING' : 'RUNNING', reason: '' };
  // Processes of another machine are not visible here, so the record's last state is used.
  if (processes === 'elsewhere' || processes.leader) return going;
  return processes.supervisor
    ? { state: 'COMPLETING', reason: '' }
    : { state: 'FAILED', reason: SUPERVISOR_KILLED };
}

export function factOf(job: LocalJob, processes: ProcessState, now: number): JobFact {
  const { about, record } = job;
  const elapsed = Math.max(0, (record.ended_at ?? Math.floor(now)) - record.started_at);
  return {
    id: job.id,
    task: job.id.includes('_') ? Number(job.id.split('_')[1]) : null,
    tag: { fleet: about.fleet, generation: about.generation, submission: about.submission },
    ...stateOf(job, processes),
    node: about.node,
    timeLeft: about.time_limit === 0 ? null : Math.max(0, about.time_limit - elapsed),
    elapsed,
    startTime: new Date(record.started_at * 1000).toISOString(),
    script: about.script,
  };
}

export function endOf(job: LocalJob, processes: ProcessState): JobEnd {
  const code = job.record.exit_code;
  return {
    ...stateOf(job, processes),
    exitCode: code === null ? null : `${code}:0`,
    node: job.about.node,
  };
}

export function orphaned({ record }: LocalJob, processes: ProcessState): boolean {
  return (
    record.state === 'RUNNING' && typeof processes === 'object' && !processes.supervisor && processes.leader
  );
}
