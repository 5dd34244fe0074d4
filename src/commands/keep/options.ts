import type { ResolvedConfig } from '../../config/load.js';
import type { Config } from '../../config/settings.js';
import type { KeepOptions } from '../../state/keeper.js';
import { hooksOf } from './hooks.js';

type Given = Pick<ResolvedConfig, 'config' | 'origins'>;

const isGiven = ({ origins }: Given, key: keyof Config): boolean => origins[key] !== 'default';

/** The settings of a keeper: those that are given now, and those of the keeper before it for the rest. */
export function keepOptions(given: Given, before: KeepOptions | undefined): KeepOptions {
  const { keeperPartition, settle, drain, idleStop } = given.config;
  const { ready, endpoints, failure } = hooksOf(given.config);
  const now = { partition: keeperPartition, settle, drain, idleStop: idleStop || null };
  const hooks = { ready, endpoints, failure };
  if (before === undefined) return { ...now, hooks };
  const or = <T>(key: keyof Config, value: T, earlier: T): T => (isGiven(given, key) ? value : earlier);
  return {
    partition: or('keeperPartition', now.partition, before.partition),
    settle: or('settle', now.settle, before.settle),
    drain: or('drain', now.drain, before.drain),
    idleStop: or('idleStop', now.idleStop, before.idleStop),
    hooks: {
      ready: or('onReady', ready, before.hooks.ready),
      endpoints: or('onEndpoints', endpoints, before.hooks.endpoints),
      failure: or('onFailure', failure, before.hooks.failure),
    },
  };
}
