import { randomBytes } from 'node:crypto';
import { CANARY_TIMEOUT_S, type CanaryResult, canaryRequest, judgeCanary } from '../api/canary.js';
import { type Outcome, outcomeOf } from '../api/outcome.js';
import type { Doubt } from '../api/verdict.js';
import type { RunCodeRequest, RunCodeResponse } from '../api/wire.js';
import type { Agent } from '../vendor/undici.js';
import { inParallel, type Settled } from './batch.js';
import { EndpointChooser } from './endpoint-chooser.js';
import { type FailedTry, SandboxInfraError, SandboxRequestError } from './errors.js';
import { newAgent, postRun } from './post.js';
import { type Endpoints, endpointSource } from './source.js';

/** SandboxFusion's own default. */
const DEFAULT_TIMEOUT_S = 10;
/** Beyond the program's own timeouts, for the queue of a busy server; ours lets a request wait for 10 s. */
const SLACK_S = 15;
const CONNECT_MS = 5_000;
const DEFAULT_RETRIES = 3;
const DEFAULT_CONCURRENCY = 16;
/** The pause before the same endpoint is tried again; doubles each time. */
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
const HEALTHY: CanaryResult = { ok: true };

export interface SandboxClientOptions {
  endpoints: Endpoints;
  /** Sent as a bearer token. */
  token?: string;
  /** Maximum retries after infra failures, on other endpoints first. Default: 3. */
  retries?: number;
  /** Milliseconds to wait for a connection. Default: 5,000. */
  connectTimeout?: number;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Milliseconds for each attempt. Default: the program's own timeouts plus 15 s. */
  timeout?: number;
  retries?: number;
}

export interface BatchOptions extends RunOptions {
  /** Maximum runs at once. Default: 16. */
  concurrency?: number;
  /** Called as each run ends. */
  onSettled?: (index: number, settled: Settled<RunResult>) => void;
}

/** How a program ended; it may have failed. */
export interface RunResult extends Outcome {
  /** The contents of the files in `fetch_files` that exist, by path. */
  files: ReadonlyMap<string, Buffer>;
  /** The endpoint that ran it. */
  url: string;
  /** Earlier attempts that failed because of the sandbox. */
  failedTries: readonly FailedTry[];
  /** The response body, unchanged. */
  response: RunCodeResponse;
}

/**
 * Runs programs on SandboxFusion servers, ours or others. Infra failures are retried, on another endpoint if there
 * is one; a program's own failure is a result and never retried.
 */
export class SandboxClient {
  private readonly options: SandboxClientOptions;
  private readonly urls: () => Promise<readonly string[]>;
  private readonly agent: Agent;
  private readonly chooser = new EndpointChooser(() => performance.now());

  constructor(options: SandboxClientOptions) {
    this.options = options;
    this.urls = endpointSource(options.endpoints);
    this.agent = newAgent(options.connectTimeout ?? CONNECT_MS);
  }

  /**
   * Runs one program. Throws SandboxInfraError once all attempts have failed, SandboxRequestError for a request
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
      const earlierAttempts = failed.filter((each) => each.url === url).length;
      if (earlierAttempts > 0) await backOff(earlierAttempts, options.signal);
      const verdict = await this.attempt(url, request, options);
      if (verdict.kind === 'request') throw new SandboxRequestError(url, verdict.reason);
      if (verdict.kind === 'infra') {
        failed.push({ url, reason: verdict.reason });
        continue;
      }
      const { doubt } = verdict;
      const health = doubt === null ? HEALTHY : await this.verify(url, doubt, options.signal);
      if (health.ok) return result(verdict.response, url, failed);
      failed.push({ url, reason: `unverified: ${doubt?.reason}, then ${health.reason}` });
    }
    throw new SandboxInfraError(failed);
  }

  /** Runs many programs concurrently; the results, failures included, are in the order of the requests. */
  async runBatch(
    requests: Iterable<RunCodeRequest>,
    { concurrency = DEFAULT_CONCURRENCY, onSettled, ...options }: BatchOptions = {},
  ): Promise<Settled<RunResult>[]> {
    const work = (request: RunCodeRequest) => this.run(request, options);
    return inParallel(requests, concurrency, work, { signal: options.signal, onSettled });
  }

  /** Closes idle connections. */
  async close(): Promise<void> {
    await this.agent.close();
  }

  /** A doubtful result may come from a server that is shutting down: a health check must pass after it. */
  private async verify(
    url: string,
    { afterMs }: Doubt,
    signal: AbortSignal | undefined,
  ): Promise<CanaryResult> {
    await sleep(afterMs, signal);
    const random = randomBytes(8).toString('hex');
    // A fresh connection: a reused one says nothing about the listener.
    const agent = newAgent(this.options.connectTimeout ?? CONNECT_MS);
    const timeoutMs = (CANARY_TIMEOUT_S + SLACK_S) * 1000;
    try {
      const { token } = this.options;
      const health = judgeCanary(
        random,
        null,
        await postRun(url, canaryRequest(random), { agent, token, timeoutMs, signal }),
      );
      if (!health.ok) this.chooser.failed(url);
      return health;
    } finally {
      await agent.close();
    }
  }

  private async attempt(url: string, request: RunCodeRequest, { signal, timeout }: RunOptions) {
    const { compile_timeout = DEFAULT_TIMEOUT_S, run_timeout = DEFAULT_TIMEOUT_S } = request;
    this.chooser.started(url);
    let infra = false;
    try {
      const verdict = await postRun(
        url,
        // Sent explicitly: a server derives from them how long its client waits.
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

function backOff(count: number, signal: AbortSignal | undefined): Promise<void> {
  // Jitter: runs that failed together must not all retry at the same moment.
  return sleep(Math.min(BACKOFF_MS * 2 ** (count - 1), MAX_BACKOFF_MS) * (0.5 + Math.random() / 2), signal);
}

function sleep(ms: number, caller: AbortSignal | undefined): Promise<void> {
  // A derived signal: Node warns of many listeners on one signal.
  const signal = caller && AbortSignal.any([caller]);
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
