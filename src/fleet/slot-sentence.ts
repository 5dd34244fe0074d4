import type { FleetEvent } from './events.js';

/** What happened to a server or the gateway. */
export function slotSentence({ type, instance, state, job_id, node, reason, data = {} }: FleetEvent): string {
  const name = type === 'gateway' ? 'the gateway' : `instance ${instance}`;
  const place = node === undefined ? '' : ` on ${node}`;
  const job = job_id === undefined ? '' : ` (job ${job_id}${place})`;
  const because = reason === undefined ? '' : `: ${reason}`;
  const at = typeof data.url === 'string' ? ` at ${data.url}` : '';
  const jobOfIt = `job ${job_id} of ${name}${place}`;
  switch (state) {
    case 'ready':
      return `${name} is ready${at}${job}${because}`;
    case 'starting':
      return `${name} is starting${job}${because}`;
    case 'unhealthy':
      return `${name} is out of service${job}${because}; it gets no requests until it passes its health check`;
    case 'draining':
      if (data.step === 'drain')
        return `${name}${job} takes no new runs, and is cancelled when it has finished those it has, after ${data.seconds} s at the latest: ${data.why}`;
      return data.step === 'cancel'
        ? `sandboxctl cancelled ${jobOfIt}${data.again ? ', which was still there,' : ''}: ${data.why}`
        : `${name} is ending${job}${because}`;
    case 'gone':
      return `${job_id === undefined ? name : jobOfIt} has ended${because}`;
    default:
      if (reason?.startsWith('no job')) return `${name} has ${reason}`;
      if (reason === 'PENDING') return `${name} waits for Slurm to start job ${job_id}`;
      return job_id === undefined
        ? `${name} is pending${because}`
        : `${name} waits for Slurm to start job ${job_id}${because}${expected(data.expected_start)}`;
  }
}

function expected(start: unknown): string {
  return typeof start === 'string' ? `; Slurm expects that at ${start}` : '';
}
