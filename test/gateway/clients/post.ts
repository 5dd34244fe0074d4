/** One POST as Python's requests does it. Throws where it would: no connection, or nothing in time. */
export async function post(
  url: string,
  body: unknown,
  timeoutMs?: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
  });
  return { status: answer.status, text: await answer.text() };
}

export type Sleep = (ms: number) => Promise<void>;

/** What the clients read of an answer. */
export interface Ran {
  status: string;
  compile_result: Result | null;
  run_result: Result | null;
}

interface Result {
  status: string;
  return_code: number | null;
  stdout: string | null;
  stderr: string | null;
}
