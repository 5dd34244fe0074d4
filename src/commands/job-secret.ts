import { NONCE_VARIABLE } from '../api/canary.js';
import type { Context } from './context.js';

/** Set by a job's script for its own server or gateway: the first line of stdin is the job's secret. */
const ON_STDIN = 'SANDBOXCTL_JOB_SECRET';

export interface JobSecret {
  secret: string | null;
  /** From a script of an earlier version, or the user's own template. */
  nonce: string | null;
}

/** Through a pipe, since other processes of the same user can read an environment. */
export async function readJobSecret({ env, io }: Pick<Context, 'env' | 'io'>): Promise<JobSecret> {
  const nonce = env[NONCE_VARIABLE] || null;
  if (env[ON_STDIN] !== 'stdin') return { secret: null, nonce };
  const [line = ''] = (await io.stdin()).split('\n', 1);
  return { secret: line || null, nonce };
}
