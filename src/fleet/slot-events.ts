import type { EventBody } from './events.js';
import type { SubmissionFact } from './facts.js';
import type { InstanceView } from './instance.js';
import { roleOf, slotNumber } from './slot.js';
import { firstPort, type JobSpec } from './spec.js';

export function slotEvent(view: InstanceView, reason: string | null): EventBody {
  return {
    ...slotKeys(view),
    state: view.state,
    ...(view.jobId === null ? {} : { job_id: view.jobId }),
    ...(view.node === null ? {} : { node: view.node }),
    ...(reason === null ? {} : { reason }),
    data: { url: view.url, reachable: view.reachable, expected_start: view.expectedStart },
  };
}

export function endEvent(view: InstanceView, reason: string): EventBody {
  return {
    ...slotKeys(view),
    state: 'draining',
    ...(view.jobId === null ? {} : { job_id: view.jobId }),
    ...(view.node === null ? {} : { node: view.node }),
    reason,
  };
}

function slotKeys({ instance }: InstanceView): Pick<EventBody, 'type' | 'instance' | 'role'> {
  return instance === 'gateway'
    ? { type: 'gateway', role: 'gateway' }
    : { type: 'instance', instance, role: 'server' };
}

type Submitted = Pick<SubmissionFact, 'id' | 'instances' | 'jobId'> & { array: string | null };

export function submittedEvent({ id, instances, jobId, array }: Submitted): EventBody {
  const [slot = 0] = instances;
  const count = instances.length === 1 ? '1 job' : `${instances.length} jobs`;
  const what = slot === 'gateway' ? 'the gateway' : count;
  const known = slot !== 'gateway' && array !== null ? `job array ${jobId} (${count})` : `job ${jobId}`;
  return {
    type: 'submitted',
    role: roleOf(slot),
    ...(jobId === null ? {} : { job_id: jobId }),
    reason:
      jobId === null
        ? `sbatch gave no clear answer for ${what}; asking Slurm whether it arrived`
        : slot === 'gateway'
          ? `the gateway, job ${jobId}`
          : known,
    data: { instances: instances.map(slotNumber), submission: id },
  };
}

/** The port of a ready server, if it is not the requested one: some clients only take host names. */
export function addressNote(view: InstanceView, job: JobSpec | undefined): string | null {
  if (view.state !== 'ready' || view.port === null || job === undefined) return null;
  if (view.instance === 'gateway') return `clients use ${view.url}`;
  const requested = firstPort(job, view.instance);
  return view.port === requested ? null : `on port ${view.port}: ${requested} was taken`;
}
