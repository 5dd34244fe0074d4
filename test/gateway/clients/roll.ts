import { post, type Ran, type Sleep } from './post.js';

const TRIES = 3;
/** Seconds without a byte that end a try. */
const SILENCE_S = 30;

/** How ROLL runs a case: three tries; a case without an answer scores as a wrong one (-1). */
export async function rollCase(
  url: string,
  { code, expected }: { code: string; expected: string },
  sleep: Sleep,
  scale = 1,
): Promise<boolean> {
  const body = {
    ...{ compile_timeout: 30, run_timeout: 30, code, language: 'python', stdin: '' },
    expected_stdout: expected,
  };
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt > 0) await sleep(1000);
    try {
      const answer = await post(`${url}/run_code`, body, (SILENCE_S * 1000) / scale, {
        'eagleeye-traceid': 'trace',
      });
      if (answer.status !== 200) continue;
      const { status, run_result: run } = JSON.parse(answer.text) as Ran;
      if (status === 'SandboxError') continue;
      return status === 'Success' && run?.stdout?.trim() === expected;
    } catch {
      // The next try.
    }
  }
  return false;
}
