import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type NodeProbe, parseNodeProbe } from '../fleet/runtime.js';
import type { OneOffJob, Scheduler } from '../scheduler/port.js';
import { PROGRAM } from './submit.js';

const SCRIPT = fileURLToPath(new URL('../../templates/probe-node.sh', import.meta.url));
/** Seconds to wait for a free node. */
export const MAX_WAIT_S = 30;

export async function probeNode(
  scheduler: Scheduler,
  where: OneOffJob,
): Promise<{ ok: true; found: NodeProbe } | { ok: false; detail: string }> {
  const script = await readFile(SCRIPT, 'utf8');
  const program = ['bash', '-s', PROGRAM, process.execPath];
  const answer = await scheduler.runOneOff({ ...where, maxWait: MAX_WAIT_S }, program, script);
  return answer.ok ? { ok: true, found: parseNodeProbe(answer.stdout) } : answer;
}
