import { CLIENT_ENDINGS, CLIENT_WORDS, clientFormat } from './client-formats.js';
import { brokenClusterName } from './cluster-name.js';
import { brokenSbatchArg } from './sbatch-arg.js';
import type { Config } from './settings.js';

type TextRule = (text: string) => string | undefined;

/** As sbatch accepts it, also with blanks for commas, or a file of names. An open bracket would silently name another node. */
const hostlist: TextRule = (text) =>
  /^(?:[^[\]]|\[[\d,-]+\])+$/.test(text) ? undefined : 'must be a hostlist such as node[1-4],node7';

/** As sbatch of Slurm 22.05 accepts it: a whole number with a unit, megabytes by default. */
const MEMORY = /^ *\+?\d+(?:[KMGT]B?)?$/i;

export const TEXT_RULES: Readonly<Partial<Record<string, TextRule>>> = {
  clusterName: brokenClusterName,

  nodelist: hostlist,
  exclude: hostlist,

  sbatchArg: brokenSbatchArg,

  /** Linux limits names of interfaces to 15 characters (IFNAMSIZ - 1). */
  endpointHost: (text) =>
    /^(nodeaddr|nodename|fqdn|ip|interface:[^\s/:]{1,15})$/.test(text)
      ? undefined
      : 'must be nodeaddr, nodename, fqdn, ip or interface:NAME',

  mem: (text) => (MEMORY.test(text) ? undefined : 'must be a size in the format of sbatch, such as 64G'),

  mount: (text) => {
    if (text.includes(',')) return 'must not contain a comma: pyxis splits there';
    return /^\/[^:]*:\/[^:]*$/.test(text) ? undefined : 'must be SRC:DST, both absolute paths';
  },

  env: (text) => {
    const key = text.replace(/=.*$/s, '');
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return 'must be KEY or KEY=VALUE with a valid name';
    if (key === 'HOST') return 'HOST is set by sandboxctl';
    if (key === 'PORT') return 'PORT is set by sandboxctl; use port';
    if (key === 'WEB_CONCURRENCY') return 'WEB_CONCURRENCY is set by sandboxctl; use workers';
    return key.startsWith('SANDBOXCTL_') ? 'SANDBOXCTL_* belongs to sandboxctl' : undefined;
  },

  checkoutEnv: (text) =>
    /^(\/.*|[^/~\s][^/]*)$/.test(text)
      ? undefined
      : 'must be the name of an environment, or its absolute path',

  clientConfig: (text) =>
    clientFormat(text) === undefined
      ? `must end in one of ${CLIENT_ENDINGS.join(' ')}, or contain one of the words ${CLIENT_WORDS.join(' ')}`
      : undefined,
};

export interface BrokenRule {
  key: keyof Config;
  rule: string;
}

export const CROSS_RULES: readonly ((config: Config) => BrokenRule | undefined)[] = [
  ({ minReady, nodes }) =>
    minReady !== null && nodes !== null && minReady > nodes
      ? { key: 'minReady', rule: `must not be more than nodes (${nodes}; got ${minReady})` }
      : undefined,
  ({ maxSurge, maxUnavailable }) =>
    maxSurge === 0 && (maxUnavailable ?? 0) === 0
      ? { key: 'maxSurge', rule: 'must be at least 1 unless maxUnavailable is' }
      : undefined,
  ({ runtime, checkout }) =>
    runtime === 'checkout' && checkout === null
      ? { key: 'runtime', rule: 'checkout needs a checkout of SandboxFusion: set checkout too' }
      : undefined,
];
