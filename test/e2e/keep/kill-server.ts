import { readFile } from 'node:fs/promises';
import type { Machine } from '../deploy/local/machine.js';

/** Ends the server of instance 0 as an out-of-memory kill would, and returns its job. */
export async function killServer(machine: Machine, fleet: string): Promise<string> {
  const jobId = (await machine.endpoints(fleet)).find(({ instance }) => instance === 0)?.job_id ?? '';
  const { leader_pid } = await machine.record(jobId);
  const children = await readFile(`/proc/${leader_pid}/task/${leader_pid}/children`, 'utf8');
  for (const pid of children.split(' ').filter(Boolean)) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (words.includes('\0serve\0')) process.kill(Number(pid), 'SIGKILL');
  }
  return jobId;
}
