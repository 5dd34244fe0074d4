import { post, type Ran, type Sleep } from './post.js';

const TRIES = 5;

/** The first pause of tenacity's wait_exponential_jitter; each next one is twice as long, plus up to a second. */
const FIRST_MS = 1_000;

/**
 * How the sandbox-fusion SDK runs a program: five tries, whatever went wrong (a SandboxError too), without a
 * limit of time. Throws once all have failed.
 */
export async function sdkRunCode(url: string, code: string, sleep: Sleep): Promise<Ran> {
  const body = {
    ...{ compile_timeout: 10, run_timeout: 10, memory_limit_MB: -1, code, stdin: null, language: 'python' },
    ...{ files: {}, fetch_files: [] },
  };
  let last: unknown;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt > 0) await sleep(FIRST_MS * 2 ** (attempt - 1));
    try {
      const answer = await post(`${url}/run_code`, body, undefined, { accept: '*/*' });
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}: ${answer.text}`);
      const ran = JSON.parse(answer.text) as Ran;
      if (ran.status !== 'SandboxError') return ran;
      last = new Error('SandboxError');
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`RetryError after ${TRIES} tries`, { cause: last });
}
