import type { Config } from '../../config/settings.js';
import { currentFolder } from '../../node.js';
import type { Hooks, KeeperStore } from '../../state/keeper.js';
import type { Context, Reporter } from '../context.js';
import { hookRunner } from '../hooks.js';

export function hooksOf(config: Pick<Config, 'onReady' | 'onEndpoints' | 'onFailure'>): Hooks {
  return { ready: config.onReady, endpoints: config.onEndpoints, failure: config.onFailure };
}

/** A reporter whose events also run the user's hooks. Closing it does not wait for them. */
export function withHooks(reporter: Reporter, hooks: Pick<ReturnType<typeof hookRunner>, 'event'>): Reporter {
  return {
    ...reporter,
    event(event) {
      reporter.event(event);
      hooks.event(event);
    },
  };
}

/** The user's hooks for events of one fleet, as they are run by this command. */
export function fleetHooks({ env, run, clock, io }: Context, keeper: KeeperStore, hooks: () => Hooks) {
  return hookRunner({
    ...{ hooks, env, run, now: clock.now, log: keeper.files.hooksLog },
    cwd: currentFolder() ?? '/',
    warn: (words) => io.stderr.line(`warning: ${words}`),
  });
}
