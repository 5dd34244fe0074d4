import { post, type Ran } from './post.js';

const TOTAL_S = 6000;

/** How tinker-cookbook runs a program: one try; whatever is not a Success is `false`, a failure of the sandbox too. */
export async function tinkerRun(url: string, code: string, timeout: number, scale = 1): Promise<boolean> {
  const body = { code, language: 'python', run_timeout: timeout, files: {} };
  const headers = { accept: '*/*', 'user-agent': 'Python/3.12 aiohttp/3.13.3' };
  try {
    const answer = await post(`${url}/run_code`, body, (TOTAL_S * 1000) / scale, headers);
    return answer.status === 200 && (JSON.parse(answer.text) as Ran).status === 'Success';
  } catch {
    return false;
  }
}
