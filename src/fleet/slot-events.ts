import type { EventBody } from './events.js';
import type { SubmissionFact } from './facts.js';
import type { InstanceView } from './instance.js';
import { renderRanges } from './plan.js';
import { roleOf, type Slot, slotNumber } from './slot.js';
import { firstPort, type JobSpec } from './spec.js';

export function slotEvent(view: InstanceView, reason: string | null): EventBody {
  return {
    ...slotKeys(view),
    state: view.state,
    ...(reason === null ? {} : { reason }),
    data: { url: view.url, reachable: view.reachable, expected_start: view.expectedStart },
  };
}

/** That a job has ended without our doing. `next`: what follows; empty where that is not known. */
export function goneEvent(view: InstanceView, cause: string, next: string): EventBody {
  const { data, ...event } = slotEvent({ ...view, state: 'gone' }, next === '' ? cause : `${cause}; ${next}`);
  return { ...event, data: { ...data, cause } };
}

/** `seconds`: how long it may take to finish its runs. */
export function drainEvent(view: InstanceView, why: string, seconds: number): EventBody {
  const reason = `draining for up to ${seconds} s: ${why}`;
  return { ...slotKeys(view), state: 'draining', reason, data: { step: 'drain', seconds, why } };
}

export function cancelEvent(view: InstanceView, why: string, again: boolean): EventBody {
  const reason = `cancelled${again ? ' again' : ''}: ${why}`;
  return { ...slotKeys(view), state: 'draining', reason, data: { step: 'cancel', again, why } };
}

function slotKeys({ instance, jobId, node }: InstanceView): EventBody {
  return {
    ...(instance === 'gateway'
      ? { type: 'gateway', role: 'gateway' }
      : { type: 'instance', instance, role: 'server' }),
    ...(jobId === null ? {} : { job_id: jobId }),
    ...(node === null ? {} : { node }),
  };
}

type Submitted = Pick<SubmissionFact, 'id' | 'instances' | 'jobId'> & { array: string | null };

/** `why`: what the job is for, where it is not the first of its slot. */
export function submittedEvent(
  { id, instances, jobId, array }: Submitted,
  why: (slots: readonly Slot[]) => string,
): EventBody {
  const [slot = 0] = instances;
  const count = instances.length === 1 ? '1 job' : `${instances.length} jobs`;
  const what = slot === 'gateway' ? 'the gateway' : slotNames(instances);
  const known = array === null ? `job ${jobId}` : `job array ${jobId} (${count})`;
  return {
    type: 'submitted',
    role: roleOf(slot),
    ...(jobId === null ? {} : { job_id: jobId }),
    reason:
      jobId === null
        ? `sbatch gave no clear answer for ${what}; asking Slurm whether it arrived`
        : `${slot === 'gateway' ? `job ${jobId}` : known} for ${what}${why(instances)}`,
    data: { instances: instances.map(slotNumber), submission: id },
  };
}

/** `instances 0-3, 7` */
function slotNames(slots: readonly Slot[]): string {
  const numbers = slots.map(slotNumber).sort((a, b) => a - b);
  return `${numbers.length === 1 ? 'instance' : 'instances'} ${renderRanges(numbers).replaceAll(',', ', ')}`;
}

/** The port of a ready server, if it is not the requested one: some clients only take host names. */
export function addressNote(view: InstanceView, job: JobSpec | undefined): string | null {
  if (view.state !== 'ready' || view.port === null || job === undefined) return null;
  if (view.instance === 'gateway') return `clients use ${view.url}`;
  const requested = firstPort(job, view.instance);
  return view.port === requested ? null : `port ${requested} was taken`;
}
