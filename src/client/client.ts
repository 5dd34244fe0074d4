import { Claims } from '../api/claims.js';
import { type Outcome, outcomeOf } from '../api/outcome.js';
import { parseRequest } from '../api/request.js';
import { isFailure } from '../api/track-record.js';
import { type Doubt, type Verdict, withElapsed } from '../api/verdict.js';
import type { RunCodeRequest, RunCodeResponse } from '../api/wire.js';
import { after } from '../node.js';
import type { Agent } from '../vendor/undici.js';
import { inParallel, type Settled } from './batch.js';
import { EndpointChooser } from './endpoint-chooser.js';
import { type FailedTry, SandboxInfraError, SandboxRequestError } from './errors.js';
import { askCapacity, newAgent, postRun } from './post.js';
import { type Confirm, SecondOpinions } from './second-opinion.js';
import { type Endpoints, endpointSource } from './source.js';
import { Verifier } from './verifier.js';

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

export interface SandboxClientOptions {
  endpoints: Endpoints;
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
  concurrency?: number;
  onSettled?: (index: number, settled: Settled<RunResult>) => void;
}

export interface RunResult extends Outcome {
  /** The contents of the files in `fetch_files` that exist, by path. */
  files: ReadonlyMap<string, Buffer>;
  url: string;
  failedTries: readonly FailedTry[];
  /** The response body, unchanged. */
  response: RunCodeResponse;
}

/** Runs programs on SandboxFusion servers, ours or others. Infra failures are retried, a program's own never. */
export class SandboxClient {
  private readonly options: SandboxClientOptions;
  private readonly urls: () => Promise<readonly string[]>;
  private readonly agent: Agent;
  private readonly chooser = new EndpointChooser(() => performance.now());
  private readonly verifier: Verifier;
  private readonly opinions: SecondOpinions;

  constructor(options: SandboxClientOptions) {
    this.options = options;
    this.urls = endpointSource(options.endpoints);
    const connectMs = options.connectTimeout ?? CONNECT_MS;
    this.agent = newAgent(connectMs);
    this.opinions = new SecondOpinions((url) => askCapacity(url, this.agent, options.token));
    this.verifier = new Verifier({ connectMs, token: options.token, now: () => performance.now() });
  }

  /**
   * Throws SandboxInfraError once all attempts have failed, SandboxRequestError for a request that no sandbox would
   * run, and the reason of `signal`.
   */
  async run(request: RunCodeRequest, options: RunOptions = {}): Promise<RunResult> {
    const failed: FailedTry[] = [];
    const claims = new Claims<string>();
    let unconfirmed: Unconfirmed | undefined;
    const tries = 1 + (options.retries ?? this.options.retries ?? DEFAULT_RETRIES);
    while (failed.length < tries) {
      const urls = await this.urls();
      const tried = failed.map((each) => each.url);
      const url = this.chooser.next(urls, tried);
      if (url === undefined) break;
      const earlierAttempts = failed.filter((each) => each.url === url).length;
      if (earlierAttempts > 0) await backOff(earlierAttempts, options.signal);
      const { verdict, unhealthy, verified } = await this.attempt(url, request, options);
      if (verdict.kind === 'request' && (verified || verdict.claim === undefined || isMalformed(request)))
        throw new SandboxRequestError(url, verdict.reason);
      if (verdict.kind === 'program') {
        const { doubt, response } = verdict;
        if (unhealthy !== undefined) {
          failed.push({ url, reason: `unverified: ${doubt?.reason}, then ${unhealthy}` });
          continue;
        }
        const confirm = verified ? null : await this.opinions.wanted(url, urls, doubt);
        const isSame = unconfirmed !== undefined && isConfirmed(unconfirmed.confirm, confirm, doubt);
        if (unconfirmed !== undefined && (isSame || confirm === null))
          this.opinions.settle(unconfirmed.result.url, isSame);
        if (confirm === null || isSame) return result(response, url, failed);
        unconfirmed = { confirm, result: result(response, url, [...failed]) };
        failed.push({ url, reason: `unverified: ${doubt?.reason}, and no second run has confirmed it` });
        continue;
      }
      failed.push({ url, reason: verdict.reason });
      if (verdict.claim === undefined) continue;
      const claim = claims.add(url, verdict.claim);
      claim.healthy = unhealthy === undefined;
      // Two healthy servers say the same, or the only one says it twice: it is the request.
      if (claims.stateOf(claim, urls.length === 1) === 'agreed')
        throw new SandboxRequestError(url, verdict.reason);
    }
    // A failure that stands out still is one, if no other server could say so.
    if (unconfirmed?.confirm === 'failed') return unconfirmed.result;
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

  async close(): Promise<void> {
    await this.agent.close();
  }

  /** `unhealthy`: why the health check after the run failed. */
  private async attempt(
    url: string,
    request: RunCodeRequest,
    { signal, timeout }: RunOptions,
  ): Promise<Attempt> {
    const { compile_timeout = DEFAULT_TIMEOUT_S, run_timeout = DEFAULT_TIMEOUT_S } = request;
    this.chooser.started(url);
    const startedAt = performance.now();
    const limits = { compileTimeout: compile_timeout, runTimeout: run_timeout };
    let end: Parameters<EndpointChooser['ended']>[1] = 'infra';
    try {
      const posted = await postRun(
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
      const { verified } = posted;
      const verdict = timed(posted.verdict, limits, (performance.now() - startedAt) / 1000);
      const afterMs = verified ? null : checkAfterMs(verdict);
      const health =
        afterMs === null ? undefined : await abortable(this.verifier.check(url, afterMs), signal);
      const unhealthy = health?.ok === false ? health.reason : undefined;
      if (verdict.kind !== 'infra' && unhealthy === undefined) end = afterMs === null ? 'success' : 'failure';
      return { verdict, verified, unhealthy };
    } finally {
      this.chooser.ended(url, end, startedAt);
    }
  }
}

interface Attempt {
  verdict: Verdict;
  verified: boolean;
  unhealthy: string | undefined;
}

function isMalformed(request: RunCodeRequest): boolean {
  return !parseRequest(Buffer.from(JSON.stringify(request)), undefined).ok;
}

interface Unconfirmed {
  confirm: Confirm;
  result: RunResult;
}

function isConfirmed(first: Confirm, second: Confirm | null, doubt: Doubt | null): boolean {
  return first === second || (first === 'failed' && doubt !== null && isFailure(doubt));
}

function timed(verdict: Verdict, limits: Parameters<typeof withElapsed>[1], seconds: number): Verdict {
  if (verdict.kind !== 'program' || verdict.doubt === null) return verdict;
  return { ...verdict, doubt: withElapsed(verdict.doubt, limits, seconds) };
}

/** Milliseconds after which a health check must begin; null: none is needed. */
function checkAfterMs(verdict: Verdict): number | null {
  if (verdict.kind === 'program') return verdict.doubt?.afterMs ?? null;
  return verdict.claim !== undefined ? 0 : null;
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
  let cancel = (): void => undefined;
  const slept = new Promise<void>((resolve) => {
    cancel = after(ms, resolve);
  });
  return abortable(slept, caller).finally(() => cancel());
}

async function abortable<T>(promise: Promise<T>, caller: AbortSignal | undefined): Promise<T> {
  if (caller === undefined) return promise;
  caller.throwIfAborted();
  // A derived signal: Node warns of many listeners on one signal.
  const signal = AbortSignal.any([caller]);
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(caller.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
