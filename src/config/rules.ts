import { CLIENT_ENDINGS, CLIENT_WORDS, clientFormat } from './client-formats.js';
import { brokenClusterName } from './cluster-name.js';
import { brokenSbatchArg } from './sbatch-arg.js';
import type { Config } from './settings.js';

/** What is wrong with one text of a setting (for a list: with one of its items), as a rule. */
type TextRule = (text: string) => string | undefined;

/** As sbatch takes it, blanks for commas and files of names too. A bracket that is left open would name a node that nobody typed. */
const hostlist: TextRule = (text) =>
  /^(?:[^[\]]|\[[\d,-]+\])+$/.test(text) ? undefined : 'must be a hostlist such as node[1-4],node7';

/** What sbatch of Slurm 22.05 takes: a whole number of megabytes, or of what the letter says. */
const MEMORY = /^ *\+?\d+(?:[KMGT]B?)?$/i;

export const TEXT_RULES: Readonly<Partial<Record<string, TextRule>>> = {
  clusterName: brokenClusterName,

  nodelist: hostlist,
  exclude: hostlist,

  sbatchArg: brokenSbatchArg,

  /** An interface's name has at most 15 characters (IFNAMSIZ of Linux, with its NUL). */
  endpointHost: (text) =>
    /^(nodeaddr|nodename|fqdn|ip|interface:[^\s/:]{1,15})$/.test(text)
      ? undefined
      : 'must be nodeaddr, nodename, fqdn, ip or interface:NAME',

  mem: (text) => (MEMORY.test(text) ? undefined : 'must be a size as sbatch takes it, such as 64G'),

  mount: (text) => {
    if (text.includes(',')) return 'must not hold a comma: pyxis splits there';
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
      ? `must end in one of ${CLIENT_ENDINGS.join(' ')}, or hold one of the words ${CLIENT_WORDS.join(' ')}`
      : undefined,
};

export interface BrokenRule {
  key: keyof Config;
  rule: string;
}

/** What must hold between settings, wherever each came from. */
export const CROSS_RULES: readonly ((config: Config) => BrokenRule | undefined)[] = [
  ({ minReady, nodes }) =>
    minReady !== null && nodes !== null && minReady > nodes
      ? { key: 'minReady', rule: `must not be more than nodes (${nodes}), is ${minReady}` }
      : undefined,
  ({ runtime, checkout }) =>
    runtime === 'checkout' && checkout === null
      ? { key: 'runtime', rule: 'checkout needs a checkout of SandboxFusion: set checkout too' }
      : undefined,
];
