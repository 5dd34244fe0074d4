import { brokenClusterName, CLUSTERS_VARIABLES } from './cluster-name.js';
import { envName, longFlag } from './flags.js';
import { SETTINGS, type Setting } from './settings.js';
import { suggestion } from './suggest.js';

export interface Layer {
  /** A mistake in flags is a usage error; in the other layers it is a configuration error. */
  from: 'flags' | 'environment' | 'file' | 'defaults';
  raw: Readonly<Record<string, unknown>>;
  /** Base of relative paths; undefined if that folder has been deleted. */
  folder: string | undefined;
  mistakes: readonly string[];
  /** How a mistake names the setting: `--nodes`, `SANDBOXCTL_NODES` or `file:line:col: nodes`. */
  where(key: string, index?: number): string;
  origin(key: string): string;
}

const settings: readonly Setting[] = SETTINGS;

/** `flags` as commander parses them, by config key. A command's own flags are not settings and are left out. */
export function flagLayer(flags: Readonly<Record<string, unknown>>, cwd: string | undefined): Layer {
  const raw: Record<string, unknown> = {};
  for (const setting of settings) {
    const given = flags[setting.key];
    if (given !== undefined) raw[setting.key] = typeof given === 'string' ? fromText(setting, given) : given;
  }
  const name = (key: string) => (raw[key] === false ? longFlag(key).replace('--', '--no-') : longFlag(key));
  return { from: 'flags', raw, folder: cwd, mistakes: [], where: name, origin: name };
}

export function envLayer(env: NodeJS.ProcessEnv, cwd: string | undefined): Layer {
  const raw: Record<string, unknown> = {};
  for (const setting of settings) {
    const given = env[envName(setting.key)];
    if (given !== undefined && given !== '') raw[setting.key] = fromText(setting, given);
  }
  return { from: 'environment', raw, folder: cwd, mistakes: [], where: envName, origin: envName };
}

/** Slurm's variables that are defaults of our settings. The first that is set wins. */
const SLURM_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  account: ['SBATCH_ACCOUNT'],
  partition: ['SBATCH_PARTITION'],
  qos: ['SBATCH_QOS'],
  reservation: ['SBATCH_RESERVATION'],
  clusterName: CLUSTERS_VARIABLES,
};

/** The environment of sbatch counts for us too, below all sources of our own. */
export function slurmLayer(env: NodeJS.ProcessEnv, cwd: string | undefined): Layer {
  const name = (key: string) => SLURM_VARIABLES[key]?.find((variable) => env[variable]) ?? key;
  const given = Object.keys(SLURM_VARIABLES).flatMap((key) => {
    const value = env[name(key)];
    // sbatch allows a list of clusters; a fleet that does not use it must not fail for it.
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
const RESERVED = ['FLEET', 'STATE_DIR', 'TOKEN', 'DEBUG'];

/** A warning for each SANDBOXCTL_* that nothing reads. SANDBOXCTL_JOB_* are set by a job's own script. */
export function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = [...settings.map((setting) => envName(setting.key).slice(PREFIX.length)), ...RESERVED];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
    .filter((name) => !name.startsWith('JOB_') && !known.includes(name))
    .sort()
    .map((name) => `${PREFIX}${name} is not a setting and is ignored${suggestion(name, known, PREFIX)}`);
}

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
