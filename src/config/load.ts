import { SandboxctlError } from '../errors.js';
import { deletedFolder, type FoundFile, namedFile, projectFile, strangersFile, userFile } from './find.js';
import { defaultLayer, envLayer, flagLayer, type Layer, slurmLayer, unknownVariables } from './layer.js';
import { absolutePaths } from './paths.js';
import { CROSS_RULES } from './rules.js';
import { checkValues } from './schema.js';
import { type Config, SETTINGS } from './settings.js';
import { suggestion } from './suggest.js';

/** Where a value comes from: `--nodes`, `SANDBOXCTL_NODES`, `FILE:LINE`, `SBATCH_PARTITION` or `default`. */
type Origin = string;

export interface ResolvedConfig {
  config: Config;
  origins: Record<keyof Config, Origin>;
  warnings: string[];
}

export interface LoadOptions {
  /** As commander gives them, by config key; only those that the user gave. */
  flags: Readonly<Record<string, unknown>>;
  env: NodeJS.ProcessEnv;
  /** Absolute; undefined where somebody deleted the folder of the call. */
  cwd: string | undefined;
  /** The user's home folder, absolute; undefined where they have none. */
  home: string | undefined;
  /** Read instead of the project file. */
  configFile?: string | undefined;
}

/**
 * Reads the configuration: flags, environment, project file, user file, Slurm's variables, defaults; the first
 * that has a key wins, and lists are not joined. Throws kind `usage` (a mistake in a flag) or `config`
 * with all mistakes of all places in its words, one a line.
 */
export async function loadConfig(options: LoadOptions): Promise<ResolvedConfig> {
  const { flags, env, cwd, home, configFile } = options;
  const project =
    configFile === undefined ? await projectFile(cwd ?? deletedFolder()) : await namedFile(configFile, cwd);
  const user = await userFile(env, home);
  const layers = [
    flagLayer(flags, cwd),
    envLayer(env, cwd),
    ...(await fileLayers([project, user].filter((file) => file !== undefined))),
    slurmLayer(env, cwd),
    defaultLayer(cwd),
  ];
  const { config, from } = merge(layers, home);
  const origins = SETTINGS.map(({ key }) => [key, from(key).origin(key)]);
  return {
    config,
    origins: Object.fromEntries(origins) as ResolvedConfig['origins'],
    warnings: [
      ...unknownVariables(env),
      ...(await strangers(configFile === undefined ? project : undefined)),
    ],
  };
}

/** Most machines have none: the parser is a third of what a command would load. */
async function fileLayers(files: readonly FoundFile[]): Promise<Layer[]> {
  if (files.length === 0) return [];
  const { fileLayer } = await import('./file.js');
  return files.map(({ path, text }) => fileLayer(path, text));
}

/** Sorts `file:9:1` before `file:10:1`. */
const byNumber = new Intl.Collator('en', { numeric: true });

interface Mistake {
  layer: Layer;
  line: string;
}

function merge(
  layers: readonly Layer[],
  home: string | undefined,
): { config: Config; from: (key: string) => Layer } {
  const mistakes: Mistake[] = [];
  const merged: Record<string, unknown> = {};
  const winners = new Map<string, Layer>();
  for (const layer of layers) {
    const { values, issues } = checkValues(layer.raw);
    const told = issues.map(({ key, index, rule, unknown }) => {
      const instead = unknown === true ? insteadOf(key) : '';
      return `${layer.where(key, index)}: ${rule}${instead}`;
    });
    const lines = [...layer.mistakes, ...told].sort(byNumber.compare);
    mistakes.push(...lines.map((line) => ({ layer, line })));
    for (const [key, value] of Object.entries(absolutePaths(values, layer.folder, home))) {
      if (winners.has(key)) continue;
      winners.set(key, layer);
      merged[key] = value;
    }
  }
  const from = (key: string) => winners.get(key) ?? defaultLayer(home);
  if (mistakes.length === 0) {
    for (const rule of CROSS_RULES) {
      const broken = rule(merged as Config);
      if (broken === undefined) continue;
      const layer = from(broken.key);
      mistakes.push({ layer, line: `${layer.where(broken.key)}: ${broken.rule}` });
    }
  }
  if (mistakes.length > 0) throw refusal(mistakes);
  return { config: merged as Config, from };
}

/** What to use where a key of a file is no setting. */
function insteadOf(key: string): string {
  if (key === 'fleet') return '; use --fleet or SANDBOXCTL_FLEET';
  if (key === 'stateDir') return '; use SANDBOXCTL_STATE_DIR';
  const known = SETTINGS.map((setting) => setting.key);
  return suggestion(key, known);
}

function refusal(mistakes: readonly Mistake[]): SandboxctlError {
  const usage = mistakes.some(({ layer }) => layer.from === 'flags');
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  return new SandboxctlError(usage ? 'usage' : 'config', {
    what: `${count} in the ${usage ? 'flags or the configuration' : 'configuration'}`,
    words: mistakes.map(({ line }) => line).join('\n'),
    hint: usage
      ? 'run the command with --help to see what each flag takes'
      : 'correct these keys; docs/config.md tells what each takes',
  });
}

async function strangers(file: FoundFile | undefined): Promise<string[]> {
  const warning = file === undefined ? undefined : await strangersFile(file.path);
  return warning === undefined ? [] : [warning];
}
