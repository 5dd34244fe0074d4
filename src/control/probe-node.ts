import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type NodeLook, parseLook } from '../fleet/runtime.js';
import type { OneOffJob, Scheduler } from '../scheduler/port.js';
import { PROGRAM } from './submit.js';

const SCRIPT = fileURLToPath(new URL('../../templates/look.sh', import.meta.url));
/** Seconds: a node that is not free by then is not waited for. */
const PATIENCE_S = 30;

/** What a node has to run servers with: one call of the scheduler, in which one short program runs. */
export async function lookAtNode(
  scheduler: Scheduler,
  where: OneOffJob,
): Promise<{ ok: true; found: NodeLook } | { ok: false; words: string }> {
  const script = await readFile(SCRIPT, 'utf8');
  const program = ['bash', '-s', PROGRAM, process.execPath];
  const answer = await scheduler.runOneOff({ ...where, maxWait: PATIENCE_S }, program, script);
  return answer.ok ? { ok: true, found: parseLook(answer.stdout) } : answer;
}
