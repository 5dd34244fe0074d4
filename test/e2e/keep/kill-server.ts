import { childrenOf, read } from '../../../src/sandbox/process/tree.js';
import type { Machine } from '../deploy/local/machine.js';

/** Ends the server of instance 0 as an out-of-memory kill would, and returns its job. */
export async function killServer(machine: Machine, fleet: string): Promise<string> {
  const jobId = (await machine.endpoints(fleet)).find(({ instance }) => instance === 0)?.job_id ?? '';
  const { leader_pid } = await machine.record(jobId);
  // Its others are there for a moment each.
  for (const pid of childrenOf(leader_pid)) {
    if (read(`/proc/${pid}/cmdline`).includes('\0serve\0')) process.kill(pid, 'SIGKILL');
  }
  return jobId;
}
