import { outcomeOf } from '../../api/outcome.js';
import { extrasOf, type RunCodeRequest, type RunCodeResponse } from '../../api/wire.js';
import { SandboxClient, SandboxInfraError, SandboxRequestError } from '../../client/index.js';
import { newAgent, postRun } from '../../client/post.js';
import { Verifier } from '../../client/verifier.js';
import { messageOf } from '../../errors.js';
import type { Problem, TestCase } from '../problem.js';
import { type Attempt, type CpuShare, judgeRun } from '../verdict.js';
import { COMPILE_TIMEOUT_S, type Method, sandboxFailure } from './method.js';

/** Seconds beyond a program's own timeouts that an answer may take. */
const SLACK_S = 60;
const CONNECT_MS = 5_000;

type Run = Method['run'];

/**
 * One request a run, to a server that this process started: if that ends, its connections do, so its answers need no
 * health check.
 */
export function directRuns(url: string): { run: Run; close(): Promise<void> } {
  const agent = newAgent(CONNECT_MS);
  return {
    close: () => agent.close(),
    async run(problem, testCase, signal) {
      const timeoutMs = (problem.runTimeout + COMPILE_TIMEOUT_S + SLACK_S) * 1000;
      const request = requestOf(problem, testCase);
      const { verdict } = await postRun(url, request, { agent, token: undefined, timeoutMs, signal });
      if (verdict.kind !== 'program') return sandboxFailure(verdict.reason);
      return attemptOf(verdict.response, problem, testCase, 0);
    },
  };
}

/**
 * One request a run, to each server in turn, as clients without retries send them. A failure is the program's only if
 * a health check of its server passes afterwards.
 */
export function plainRuns(
  urls: readonly string[],
  token: string | null,
): Required<Pick<Method, 'run' | 'settle' | 'close'>> {
  const agent = newAgent(CONNECT_MS);
  const access = token === null ? undefined : token;
  let next = 0;
  return {
    close: () => agent.close(),
    async run(problem, testCase, signal) {
      const server = urls[next++ % urls.length] ?? '';
      const timeoutMs = (problem.runTimeout + COMPILE_TIMEOUT_S + SLACK_S) * 1000;
      const options = { agent, token: access, timeoutMs, signal };
      const { verdict } = await postRun(server, requestOf(problem, testCase), options);
      if (verdict.kind !== 'program') return { ...sandboxFailure(verdict.reason), server };
      return { ...attemptOf(verdict.response, problem, testCase, 0), server };
    },
    async settle(results) {
      const verifier = new Verifier({ connectMs: CONNECT_MS, token: access, now: () => performance.now() });
      const failed = results.filter(({ verdict }) => verdict !== 'accepted');
      const suspects = new Set(failed.flatMap(({ server }) => server ?? []));
      const health = await Promise.all(
        [...suspects].map(async (url) => [url, await verifier.check(url, 0)] as const),
      );
      const reasons = new Map(
        health.flatMap(([url, result]) => (result.ok ? [] : [[url, result.reason] as const])),
      );
      return results.map((each) => {
        const reason = each.verdict === 'accepted' ? undefined : reasons.get(each.server ?? '');
        return reason === undefined
          ? each
          : { ...each, ...sandboxFailure(`${each.server} is not healthy: ${reason}`) };
      });
    },
  };
}

/** Runs on a fleet, with the retries and health checks of our client. */
export function clientRuns(
  endpoints: () => Promise<readonly string[]>,
  token: string | null,
): { run: Run; close(): Promise<void> } {
  const client = new SandboxClient({ endpoints, ...(token === null ? {} : { token }) });
  return {
    close: () => client.close(),
    async run(problem, testCase, signal) {
      try {
        const result = await client.run(requestOf(problem, testCase), { signal });
        return attemptOf(result.response, problem, testCase, result.failedTries.length);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SandboxInfraError) return sandboxFailure(error.message, error.tries.length);
        if (error instanceof SandboxRequestError) return sandboxFailure(error.message);
        return sandboxFailure(messageOf(error));
      }
    },
  };
}

function requestOf(problem: Problem, { stdin }: TestCase): RunCodeRequest {
  return {
    code: problem.code,
    language: problem.language,
    compile_timeout: COMPILE_TIMEOUT_S,
    run_timeout: problem.runTimeout,
    ...(stdin === null ? {} : { stdin }),
    ...(problem.memoryLimitMB === null ? {} : { memory_limit_MB: problem.memoryLimitMB }),
  };
}

function attemptOf(
  response: RunCodeResponse,
  problem: Problem,
  testCase: TestCase,
  retries: number,
): Attempt {
  const outcome = outcomeOf(response);
  const limit = outcome.stage === 'compile' ? COMPILE_TIMEOUT_S : problem.runTimeout;
  return { ...judgeRun(testCase, outcome, cpuOf(response), limit), retries };
}

/** Only our own server tells it. */
function cpuOf({ run_result, compile_result }: RunCodeResponse): CpuShare | null {
  const { cpu_seconds, cpu_wait_seconds } = extrasOf(run_result ?? compile_result);
  return cpu_seconds === undefined ? null : { used: cpu_seconds, waited: cpu_wait_seconds ?? 0 };
}
