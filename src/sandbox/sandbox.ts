import type { Language } from '../api/languages.js';
import type { RunRequest } from '../api/request.js';
import type { RunCodeResponse } from '../api/wire.js';
import { RECIPES, scalaObject, toolNames } from './languages.js';
import { type Machine, prepare } from './prepare.js';
import { Queue } from './queue.js';
import { exceptionOn, response, sandboxError } from './respond.js';
import { type Isolation, RequestFault } from './types.js';

/** How many runs may wait for each that goes: more would wait longer than any client does. */
const WAITING_PER_SLOT = 64;

/** Seconds that a client waits beyond the time-outs that it sends: verl 10 beyond both, the guide's client 2 beyond the run's. */
const SLACK_S = { both: 10, run: 2 };
/** Seconds for the way of the answer. */
const MARGIN_S = 0.25;

export interface SandboxOptions extends Machine {
  isolation: Isolation;
  has(tool: string): boolean;
  /** Runs at once. */
  slots: number;
}

/** What answers `/run_code`, without its HTTP. */
export class Sandbox {
  readonly queue: Queue;
  /** Those whose tools are here. */
  readonly languages: readonly Language[];
  private readonly options: SandboxOptions;

  constructor(options: SandboxOptions) {
    this.options = options;
    this.queue = new Queue(options.slots, options.slots * WAITING_PER_SLOT);
    this.languages = (Object.keys(RECIPES) as Language[]).filter((language) => {
      const recipe = RECIPES[language];
      return recipe !== undefined && toolNames(recipe).every((name) => options.has(name));
    });
  }

  /** Rejects with Refused, SandboxFailure, or the reason of `signal`. */
  async run(request: RunRequest, signal: AbortSignal): Promise<RunCodeResponse> {
    const { code, language } = request;
    const recipe = RECIPES[language];
    // The recorded server has no runner for it and says so by a KeyError.
    if (language === 'sql') return sandboxError(exceptionOn(code, "'sql'"));
    if (recipe === undefined || !this.languages.includes(language)) {
      return sandboxError(`language ${language} is not available here: ${this.languages.join(', ')}`);
    }
    if (language === 'scala' && scalaObject(code) === undefined) return noObject();
    try {
      const program = prepare(request, recipe, this.options);
      await this.queue.enter(patience(request, recipe.compile !== undefined), signal);
      try {
        return response(request, program, await this.options.isolation(program, signal));
      } finally {
        this.queue.leave();
      }
    } catch (error) {
      if (error instanceof RequestFault) return sandboxError(exceptionOn(code, error.message));
      throw error;
    }
  }
}

function noObject(): RunCodeResponse {
  const words = 'Object name not found.';
  return sandboxError(words, {
    status: 'Error',
    execution_time: null,
    return_code: 1,
    stdout: null,
    stderr: words,
  });
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
