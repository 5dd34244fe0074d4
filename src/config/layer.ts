import { brokenClusterName, CLUSTERS_VARIABLES } from './cluster-name.js';
import { envName, longFlag } from './flags.js';
import { SETTINGS, type Setting } from './settings.js';
import { suggestion } from './suggest.js';

/** One place that settings come from. */
export interface Layer {
  /** A mistake in flags is wrong usage; anywhere else it is one of the configuration. */
  from: 'flags' | 'environment' | 'file' | 'defaults';
  raw: Readonly<Record<string, unknown>>;
  /** Where relative paths of this layer start; undefined where that folder is gone. */
  folder: string | undefined;
  /** What was wrong before any value was looked at, a line each. */
  mistakes: readonly string[];
  /** The head of a line about a mistake: `--nodes`, `SANDBOXCTL_NODES` or `file:line:col: nodes`. */
  where(key: string, index?: number): string;
  /** Where the value comes from, for `config show --origin`. */
  origin(key: string): string;
}

const settings: readonly Setting[] = SETTINGS;

/** `flags` as commander gives them, by config key; what is no setting (a command's own flags) is left out. */
export function flagLayer(flags: Readonly<Record<string, unknown>>, cwd: string | undefined): Layer {
  const raw: Record<string, unknown> = {};
  for (const setting of settings) {
    const given = flags[setting.key];
    if (given !== undefined) raw[setting.key] = typeof given === 'string' ? fromText(setting, given) : given;
  }
  const name = (key: string) => (raw[key] === false ? longFlag(key).replace('--', '--no-') : longFlag(key));
  return { from: 'flags', raw, folder: cwd, mistakes: [], where: name, origin: name };
}

/** SANDBOXCTL_* of the environment; an empty variable counts as not set. */
export function envLayer(env: NodeJS.ProcessEnv, cwd: string | undefined): Layer {
  const raw: Record<string, unknown> = {};
  for (const setting of settings) {
    const given = env[envName(setting.key)];
    if (given !== undefined && given !== '') raw[setting.key] = fromText(setting, given);
  }
  return { from: 'environment', raw, folder: cwd, mistakes: [], where: envName, origin: envName };
}

/** Variables of Slurm's by the setting that they are a default of; of several the first that is set. */
const SLURMS: Readonly<Record<string, readonly string[]>> = {
  account: ['SBATCH_ACCOUNT'],
  partition: ['SBATCH_PARTITION'],
  qos: ['SBATCH_QOS'],
  reservation: ['SBATCH_RESERVATION'],
  clusterName: CLUSTERS_VARIABLES,
};

/** What the user tells sbatch by its own environment holds for us too, below all that is said to us. */
export function slurmLayer(env: NodeJS.ProcessEnv, cwd: string | undefined): Layer {
  const name = (key: string) => SLURMS[key]?.find((variable) => env[variable]) ?? key;
  const given = Object.keys(SLURMS).flatMap((key) => {
    const value = env[name(key)];
    // A list of clusters is no mistake of who deploys on another.
    return !value || (key === 'clusterName' && brokenClusterName(value)) ? [] : [[key, value] as const];
  });
  return {
    from: 'environment',
    raw: Object.fromEntries(given),
    folder: cwd,
    mistakes: [],
    where: name,
    origin: name,
  };
}

export function defaultLayer(cwd: string | undefined): Layer {
  const raw = Object.fromEntries(settings.map((setting) => [setting.key, setting.default]));
  return { from: 'defaults', raw, folder: cwd, mistakes: [], where: (key) => key, origin: () => 'default' };
}

const PREFIX = 'SANDBOXCTL_';
/** Variables of ours that are no settings, without the prefix. */
const RESERVED = ['FLEET', 'STATE_DIR', 'TOKEN', 'DEBUG'];

/** A line for each SANDBOXCTL_* that nothing reads. SANDBOXCTL_JOB_* belongs to a job's own script. */
export function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = [...settings.map((setting) => envName(setting.key).slice(PREFIX.length)), ...RESERVED];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
    .filter((name) => !name.startsWith('JOB_') && !known.includes(name))
    .sort()
    .map((name) => `${PREFIX}${name} is no setting and is ignored${suggestion(name, known, PREFIX)}`);
}

/** A text as YAML would read it for this setting; what does not fit stays a text, for the schema to refuse. */
function fromText(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case 'int':
    case 'workers':
      return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : text;
    case 'switch':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'list':
      return text.split('\n').filter((item) => item !== '');
    default:
      return text;
  }
}
