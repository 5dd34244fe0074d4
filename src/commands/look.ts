import type { Config } from '../config/settings.js';
import { type Observation, observe } from '../control/observe.js';
import { SandboxctlError } from '../errors.js';
import type { Context } from './context.js';

/** Looks at one fleet, or at all of this user's. Throws kind `tool` where Slurm does not answer. */
export async function look(context: Context, config: Config, fleet: string | null): Promise<Observation[]> {
  const deps = {
    scheduler: await context.scheduler(),
    stateFolder: context.stateFolder,
    clock: context.clock,
    signal: context.signal,
    settleMs: config.settle * 1000,
    onWait: (why: string) => context.io.stderr.line(why),
  };
  return observe(
    deps,
    fleet,
    (words) =>
      new SandboxctlError('tool', {
        what: 'Slurm does not answer; nothing is known of the jobs now',
        words,
        hint: "'sandboxctl endpoints' still prints what was ready last; try again when 'scontrol ping' says UP",
      }),
  );
}
