import type { Language } from '../api/languages.js';
import type { RunRequest } from '../api/request.js';
import type { RunCodeResponse } from '../api/wire.js';
import { RECIPES } from './languages.js';
import { prepare } from './prepare.js';
import { Queue } from './queue.js';
import { response, sandboxError } from './respond.js';
import type { Isolation } from './types.js';

/** How many runs may wait for each that goes: more would wait longer than any client does. */
const WAITING_PER_SLOT = 64;

/** Seconds that a client waits beyond the time-outs that it sends: verl 10 beyond both, the guide's client 2 beyond the run's. */
const SLACK_S = { both: 10, run: 2 };
/** Seconds for the way of the answer. */
const MARGIN_S = 0.25;

export interface SandboxOptions {
  isolation: Isolation;
  tools: ReadonlyMap<string, string>;
  /** Runs at once. */
  slots: number;
}

/** What answers `/run_code`, without its HTTP. */
export class Sandbox {
  readonly queue: Queue;
  private readonly options: SandboxOptions;

  constructor(options: SandboxOptions) {
    this.options = options;
    this.queue = new Queue(options.slots, options.slots * WAITING_PER_SLOT);
  }

  languages(): Language[] {
    return (Object.keys(RECIPES) as Language[]).filter((language) => this.has(language));
  }

  /** Rejects with Refused, SandboxFailure, or the reason of `signal`. */
  async run(request: RunRequest, signal: AbortSignal): Promise<RunCodeResponse> {
    const recipe = RECIPES[request.language];
    if (recipe === undefined || !this.has(request.language)) {
      return sandboxError(`language ${request.language} is not available on this server`);
    }
    const program = prepare(request, recipe, (word) => this.options.tools.get(word) ?? word);
    await this.queue.enter(patience(request, recipe.compile !== undefined), signal);
    try {
      return response(await this.options.isolation(program, signal));
    } finally {
      this.queue.leave();
    }
  }

  private has(language: Language): boolean {
    const recipe = RECIPES[language];
    const first = [recipe?.compile?.[0], recipe?.run[0]].filter((word) => word !== undefined);
    return first.every((word) => word.startsWith('./') || this.options.tools.has(word));
  }
}

/** Seconds that a run may wait so that its caller is still there when it has taken all of its time. */
function patience(
  { compileTimeout, runTimeout, namesCompileTimeout }: RunRequest,
  compiles: boolean,
): number {
  const waits = namesCompileTimeout ? compileTimeout + runTimeout + SLACK_S.both : runTimeout + SLACK_S.run;
  const takes = (compiles && namesCompileTimeout ? compileTimeout : 0) + runTimeout;
  return waits - takes - MARGIN_S;
}
