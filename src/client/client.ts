import { randomBytes } from 'node:crypto';
import type { Agent } from 'undici';
import { CANARY_TIMEOUT_S, type CanaryResult, canaryRequest, judgeCanary } from '../api/canary.js';
import { type Outcome, outcomeOf } from '../api/outcome.js';
import type { Doubt } from '../api/verdict.js';
import type { RunCodeRequest, RunCodeResponse } from '../api/wire.js';
import { inParallel, type Settled } from './batch.js';
import { Chooser } from './choose.js';
import { type FailedTry, SandboxInfraError, SandboxRequestError } from './errors.js';
import { newAgent, post } from './post.js';
import { type Endpoints, endpointSource } from './source.js';

/** What SandboxFusion takes where a request names no time-out. Seconds. */
const DEFAULT_TIMEOUT_S = 10;
/** Beyond a program's own time-outs, for the queue of a busy server: ours gives up after 10 s. Seconds. */
const SLACK_S = 15;
const CONNECT_MS = 5_000;
const DEFAULT_RETRIES = 3;
const DEFAULT_CONCURRENCY = 16;
/** The first pause before the same endpoint is tried again; each next one is twice as long. Milliseconds. */
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const OK: CanaryResult = { ok: true };

export interface SandboxClientOptions {
  endpoints: Endpoints;
  /** Sent as a bearer token where the servers ask for one. */
  token?: string;
  /** How often a run is tried again after an infra failure, on another endpoint first. 3 by default. */
  retries?: number;
  /** Milliseconds to wait for a connection. 5,000 by default. */
  connectTimeout?: number;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Milliseconds for each try; by default the program's own time-outs and 15 s more. */
  timeout?: number;
  retries?: number;
}

export interface BatchOptions extends RunOptions {
  /** Runs under way at once. 16 by default. */
  concurrency?: number;
  /** Called as each run ends, in the order of their ends. */
  onSettled?: (index: number, settled: Settled<RunResult>) => void;
}

/** How a program ended that a sandbox ran, however badly. */
export interface RunResult extends Outcome {
  /** What it left of `fetch_files`, by path. */
  files: ReadonlyMap<string, Buffer>;
  /** The endpoint that ran it. */
  url: string;
  /** Tries before this one that the sandbox failed. */
  failedTries: readonly FailedTry[];
  /** The answer as it came. */
  response: RunCodeResponse;
}

/**
 * Runs programs on SandboxFusion servers, ours or others. An infra failure is tried again, on another
 * endpoint where there is one; a program's own failure is a result and never tried again.
 */
export class SandboxClient {
  private readonly options: SandboxClientOptions;
  private readonly urls: () => Promise<readonly string[]>;
  private readonly agent: Agent;
  private readonly chooser = new Chooser(() => performance.now());

  constructor(options: SandboxClientOptions) {
    this.options = options;
    this.urls = endpointSource(options.endpoints);
    this.agent = newAgent(options.connectTimeout ?? CONNECT_MS);
  }

  /**
   * Runs one program. Throws SandboxInfraError once every try failed, SandboxRequestError for a request
   * that no sandbox would run, and the reason of `signal` when that fires.
   */
  async run(request: RunCodeRequest, options: RunOptions = {}): Promise<RunResult> {
    const failed: FailedTry[] = [];
    const tries = 1 + (options.retries ?? this.options.retries ?? DEFAULT_RETRIES);
    while (failed.length < tries) {
      const url = this.chooser.next(
        await this.urls(),
        failed.map((each) => each.url),
      );
      if (url === undefined) break;
      const again = failed.filter((each) => each.url === url).length;
      if (again > 0) await pause(again, options.signal);
      const verdict = await this.try(url, request, options);
      if (verdict.kind === 'request') throw new SandboxRequestError(url, verdict.reason);
      if (verdict.kind === 'infra') {
        failed.push({ url, reason: verdict.reason });
        continue;
      }
      const { doubt } = verdict;
      const health = doubt === null ? OK : await this.verify(url, doubt, options.signal);
      if (health.ok) return result(verdict.response, url, failed);
      failed.push({ url, reason: `unverified: ${doubt?.reason}, then ${health.reason}` });
    }
    throw new SandboxInfraError(failed);
  }

  /** Runs many programs, some at once; the results are in the order of the requests, also of those that failed. */
  async runBatch(
    requests: Iterable<RunCodeRequest>,
    { concurrency = DEFAULT_CONCURRENCY, onSettled, ...options }: BatchOptions = {},
  ): Promise<Settled<RunResult>[]> {
    const work = (request: RunCodeRequest) => this.run(request, options);
    return inParallel(requests, concurrency, work, { signal: options.signal, onSettled });
  }

  /** Closes the connections that are kept open for further runs. */
  async close(): Promise<void> {
    await this.agent.close();
  }

  /** An answer that a server which is being ended gives too counts once the server is known to be well after it. */
  private async verify(
    url: string,
    { afterMs }: Doubt,
    signal: AbortSignal | undefined,
  ): Promise<CanaryResult> {
    await sleep(afterMs, signal);
    const random = randomBytes(8).toString('hex');
    // On a connection of its own: one that was kept open says nothing about the listener.
    const agent = newAgent(this.options.connectTimeout ?? CONNECT_MS);
    const timeoutMs = (CANARY_TIMEOUT_S + SLACK_S) * 1000;
    try {
      const { token } = this.options;
      const health = judgeCanary(
        random,
        null,
        await post(url, canaryRequest(random), { agent, token, timeoutMs, signal }),
      );
      if (!health.ok) this.chooser.failed(url);
      return health;
    } finally {
      await agent.close();
    }
  }

  private async try(url: string, request: RunCodeRequest, { signal, timeout }: RunOptions) {
    const { compile_timeout = DEFAULT_TIMEOUT_S, run_timeout = DEFAULT_TIMEOUT_S } = request;
    this.chooser.started(url);
    let infra = false;
    try {
      const verdict = await post(
        url,
        // Named, since by them a server knows how long its caller waits.
        { ...request, compile_timeout, run_timeout },
        {
          agent: this.agent,
          token: this.options.token,
          timeoutMs: timeout ?? (compile_timeout + run_timeout + SLACK_S) * 1000,
          signal,
        },
      );
      infra = verdict.kind === 'infra';
      return verdict;
    } finally {
      this.chooser.ended(url, infra);
    }
  }
}

function result(response: RunCodeResponse, url: string, failedTries: readonly FailedTry[]): RunResult {
  const files = Object.entries(response.files ?? {}).flatMap(([path, content]) =>
    content === null ? [] : [[path, Buffer.from(content, 'base64')] as const],
  );
  return { ...outcomeOf(response), files: new Map(files), url, failedTries, response };
}

function pause(count: number, signal: AbortSignal | undefined): Promise<void> {
  // Up to half of it is chance: many runs that failed together shall not come back together.
  return sleep(Math.min(PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2), signal);
}

function sleep(ms: number, caller: AbortSignal | undefined): Promise<void> {
  // Many runs may wait at once, and Node warns of many that listen to one signal.
  const signal = caller && AbortSignal.any([caller]);
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
