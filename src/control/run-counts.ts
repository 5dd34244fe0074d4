import { oneRequest } from './one-request.js';

/** Milliseconds. */
const ANSWER_MS = 5_000;

/** The runs of a server since it started, and those that it runs or queues now, as it reports itself. */
export interface RunCounts {
  /** Without health checks. */
  runs: number;
  /** Health checks included: the server does not tell them apart. */
  underWay: number;
}

/** Undefined if a server is out of reach or does not report it, as SandboxFusion. */
export async function askRunCounts(url: string): Promise<RunCounts | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const limits = { connectMs: ANSWER_MS, silentMs: ANSWER_MS, signal };
    const { status, body } = await oneRequest(`${url}/metrics`, limits);
    return status === 200 ? parseRunCounts(body) : undefined;
  } catch {
    return undefined;
  }
}

export function parseRunCounts(page: string): RunCounts | undefined {
  let runs = 0;
  let underWay: number | undefined;
  for (const line of page.split('\n')) {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === 'sandboxctl_runs_total' && !labels.includes('end="health_check"')) runs += Number(value);
    if (name === 'sandboxctl_runs_running' || name === 'sandboxctl_runs_waiting')
      underWay = (underWay ?? 0) + Number(value);
  }
  return underWay === undefined ? undefined : { runs, underWay };
}
