import { post, type Ran } from './post.js';

const SLACK_S = 2;

/** The words by which Reasoning360's client tells that no sandbox answered. */
export const ALL_FAILED = 'All sandbox servers failed';

/**
 * How Reasoning360's client runs a program (sandboxfusion_exec.py): one pass over the hosts from the first on,
 * the next one on any failure of transport or another status than 200. It never tells an infra failure from a
 * program's: both are false, with words.
 */
export async function guideExec(
  servers: readonly string[],
  code: string,
  timeout = 30,
  { scale = 1, headers = {} }: { scale?: number; headers?: Readonly<Record<string, string>> } = {},
): Promise<[boolean, string]> {
  const body = { language: 'python', code, stdin: null, run_timeout: timeout };
  for (const server of servers) {
    const url = `http://${server}:8080/run_code`;
    const timeoutMs = ((timeout + SLACK_S) * 1000) / scale;
    const answer = await post(url, body, timeoutMs, headers).catch(() => undefined);
    if (answer?.status === 200) return told(answer.text);
  }
  return [false, ALL_FAILED];
}

function told(text: string): [boolean, string] {
  try {
    const { status, run_result: run } = JSON.parse(text) as Ran;
    // Of a SandboxError there is no run_result, and Python raises.
    if (run === null) throw new Error("'NoneType' object has no attribute 'get'");
    if (status === 'Success') return [true, run.stdout ?? ''];
    return [false, `Failed to execute program: STDOUT:\n${run.stdout}\n\nSTDERR:\n${run.stderr}`];
  } catch (error) {
    return [false, `Execution error: ${String(error)}`];
  }
}

/** Spelt so, a URL passes through its fixed port: `:8080/run_code` ends up in the query. */
export function asServer(url: string): string {
  return `${url.replace(/^http:\/\//, '')}/run_code?x=`;
}
