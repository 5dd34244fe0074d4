import { fileURLToPath } from 'node:url';
import { run } from '../../cluster/image/tools.js';
import { cpuOf } from '../cpu.js';
import type { Front } from './fronts.js';

const SCRIPT = fileURLToPath(new URL('post.lua', import.meta.url));

export interface Measured {
  /** Requests a second. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Milliseconds of the front's CPU for each request. */
  cpu: number;
}

/** wrk on one front: `atOnce` connections for so many seconds. Throws where one answer was not a good one. */
export async function wrk(front: Front, atOnce: number, seconds: number): Promise<Measured> {
  const before = cpuOf(front.pid);
  const args = ['-t1', `-c${atOnce}`, `-d${seconds}s`, '--timeout', '30s', '-s', SCRIPT, front.url];
  const said = await run('wrk', args);
  const used = cpuOf(front.pid) - before;
  const { requests, took, p50, p99, wrong } = JSON.parse(/^RESULT (.*)$/m.exec(said)?.[1] ?? '{}');
  if (!(requests > 0) || wrong > 0) throw new Error(`${front.name} failed: ${said}`);
  return { rate: requests / (took / 1e6), p50: p50 / 1000, p99: p99 / 1000, cpu: (used / requests) * 1000 };
}
