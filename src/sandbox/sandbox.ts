import { availableParallelism, loadavg } from 'node:os';
import { isCanary, withNonce } from '../api/canary.js';
import { RESPONSE_MARGIN_S } from '../api/client-timeout.js';
import { LANGUAGES, type Language } from '../api/languages.js';
import type { RunRequest } from '../api/request.js';
import type { Capacity, RunCodeResponse } from '../api/wire.js';
import type { RunRecord } from './http/metrics.js';
import { RECIPES, scalaObject, toolNames } from './languages/languages.js';
import { Trials, trialFailure, trialRequest } from './languages/trials.js';
import { type Machine, prepare } from './prepare.js';
import { Queue, Refused } from './queue/queue.js';
import { RecentRuns } from './queue/recent-runs.js';
import { exceptionOn, requestFault, response } from './respond.js';
import { type Isolation, RequestFault } from './types.js';

/** Most requests in the queue. How long each may wait depends on its client, and bodies are limited elsewhere. */
const MAX_WAITING = 20_000;

export interface SandboxOptions extends Machine {
  isolation: Isolation;
  wall: NonNullable<Capacity['isolation']>;
  warm: NonNullable<Capacity['warm']>;
  has(tool: string): boolean;
  slots: number;
  outputCap: number;
  nonce?: string | null;
  warn(words: string): void;
  over(record: RunRecord): void;
}

export class Sandbox {
  readonly queue: Queue;
  /** Memory limit of one run in bytes. */
  readonly memory: number;
  private readonly options: SandboxOptions;
  private readonly found: readonly Language[];
  private readonly trials: Trials;
  private readonly recent = new RecentRuns();

  constructor(options: SandboxOptions) {
    this.options = options;
    this.memory = options.memory;
    this.queue = new Queue(options.slots, MAX_WAITING);
    this.found = LANGUAGES.filter(
      (language) => RECIPES[language] !== undefined && toolsOf(language).every((name) => options.has(name)),
    );
    this.trials = new Trials({
      run: (language) => this.tryOut(language),
      tools: (language) => toolsOf(language).map((name) => options.tool(name)),
      failed: (language, reason) => options.warn(`${language} is not offered: its trial failed: ${reason}`),
      now: () => performance.now(),
    });
  }

  /** The languages whose tools exist and work. */
  get languages(): readonly Language[] {
    return this.found.filter((language) => !this.trials.isBroken(language));
  }

  get capacity(): Capacity {
    const { slots, busy, depth } = this.queue;
    const load = Math.round(((loadavg()[0] ?? 0) / availableParallelism()) * 100) / 100;
    return {
      slots,
      running: busy,
      queued: depth,
      load,
      isolation: this.options.wall,
      warm: this.options.warm,
    };
  }

  /** `clientTimeout`: seconds that the client waits. Rejects with Refused, SandboxFailure, or the reason of `signal`. */
  async run(request: RunRequest, clientTimeout: number, signal: AbortSignal): Promise<RunCodeResponse> {
    const came = performance.now();
    let begun = came;
    const over = (end: RunRecord['end'], answer?: RunCodeResponse) => {
      const now = performance.now();
      const ran = !NEVER_RAN.includes(end);
      const waited = ((ran ? begun : now) - came) / 1000;
      const took = ran ? (now - begun) / 1000 : 0;
      this.options.over({ language: request.language, end, ...factsOf(answer), waited, took });
    };
    try {
      const until = came + Math.max(0, clientTimeout - RESPONSE_MARGIN_S) * 1000;
      const answer = await this.answer(request, until, signal, () => {
        begun = performance.now();
      });
      if (answer.status !== 'SandboxError') this.recent.add(request.language, performance.now() - begun);
      over(endOf(request, answer), answer);
      return answer;
    } catch (error) {
      over(signal.aborted ? 'cancelled' : error instanceof Refused ? 'refused' : 'infra');
      throw error;
    }
  }

  private async answer(
    request: RunRequest,
    until: number,
    signal: AbortSignal,
    begun: () => void,
  ): Promise<RunCodeResponse> {
    const { code, language } = request;
    const recipe = RECIPES[language];
    // SandboxFusion has no runner for it, and answers with a KeyError.
    if (language === 'sql') return requestFault(exceptionOn(code, "'sql'"), 'no runner for sql');
    if (recipe === undefined || !this.found.includes(language)) return this.notOffered(language);
    if (language === 'scala' && scalaObject(code) === undefined) return noObject();
    try {
      const { nonce = null } = this.options;
      const asked = nonce === null ? request : { ...request, code: withNonce(code, nonce) };
      const program = await prepare(asked, recipe, this.options);
      const wait = { until, expected: () => this.recent.expected(language) };
      const lane = await this.queue.enter(wait, signal, isCanary(request));
      try {
        if ((await this.trials.check(language)) !== undefined) return this.notOffered(language);
        begun();
        const latest = (until - performance.now()) / 1000;
        const timed = { ...program, limits: { ...program.limits, latest } };
        const outcome = await this.options.isolation(timed, signal);
        return await response(request, program, outcome, this.options);
      } finally {
        this.queue.leave(lane);
      }
    } catch (error) {
      if (error instanceof RequestFault) return requestFault(exceptionOn(code, error.message), error.message);
      throw error;
    }
  }

  private notOffered(language: Language): RunCodeResponse {
    return requestFault(`language ${language} is not available here, but ${this.languages.join(', ')}`);
  }

  /** Why programs in this language do not run; undefined if they do. Rejects with SandboxFailure. */
  private async tryOut(language: Language): Promise<string | undefined> {
    const [recipe, request] = [RECIPES[language], trialRequest(language)];
    if (recipe === undefined || request === undefined) return undefined;
    const program = await prepare(request, recipe, this.options);
    return trialFailure(await this.options.isolation(program, new AbortController().signal));
  }
}

function toolsOf(language: Language): string[] {
  const recipe = RECIPES[language];
  return recipe === undefined ? [] : toolNames(recipe);
}

const NEVER_RAN: readonly RunRecord['end'][] = ['request', 'refused', 'cancelled'];

function endOf(
  request: RunRequest,
  { status, run_result, compile_result }: RunCodeResponse,
): RunRecord['end'] {
  if (status === 'SandboxError') return 'request';
  if (isCanary(request)) return 'health_check';
  return (run_result ?? compile_result)?.status === 'TimeLimitExceeded' ? 'timeout' : 'program';
}

function factsOf(answer: RunCodeResponse | undefined): Partial<RunRecord> {
  if (answer === undefined) return {};
  const last = answer.run_result ?? answer.compile_result;
  const facts = last?.sandboxctl as { killed?: string } | undefined;
  return {
    status: answer.status,
    ...(last && { returnCode: last.return_code }),
    ...(facts?.killed !== undefined && { killed: facts.killed }),
  };
}

function noObject(): RunCodeResponse {
  const words = 'Object name not found.';
  return requestFault(words, words, {
    status: 'Error',
    execution_time: null,
    return_code: 1,
    stdout: null,
    stderr: words,
  });
}
