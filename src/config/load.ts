import { SandboxctlError } from '../errors.js';
import {
  deletedFolder,
  type FoundFile,
  foreignFileWarning,
  namedFile,
  projectFile,
  userFile,
} from './find.js';
import { defaultLayer, envLayer, flagLayer, type Layer, slurmLayer, unknownVariables } from './layer.js';
import { absolutePaths } from './paths.js';
import { CROSS_RULES } from './rules.js';
import { checkValues } from './schema.js';
import { type Config, SETTINGS } from './settings.js';
import { suggestion } from './suggest.js';

type Origin = string;

export interface ResolvedConfig {
  config: Config;
  origins: Record<keyof Config, Origin>;
  warnings: string[];
}

export interface LoadOptions {
  flags: Readonly<Record<string, unknown>>;
  env: NodeJS.ProcessEnv;
  /** Absolute; undefined if the current folder has been deleted. */
  cwd: string | undefined;
  home: string | undefined;
  configFile?: string | undefined;
}

/**
 * The first source that has a key wins; lists are not merged. Throws kind `usage` (if a flag is wrong) or `config`
 * with the mistakes of all sources, one per line.
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
      ...(await foreignFileWarnings(configFile === undefined ? project : undefined)),
    ],
  };
}

/** The YAML parser is a third of what a command loads, and most users have no file. */
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
    const invalid = issues.map(({ key, index, rule, unknown }) => {
      const instead = unknown === true ? alternative(key) : '';
      return mistakeLine(layer, layer.where(key, index), `${rule}${instead}`);
    });
    const lines = [...layer.mistakes, ...invalid].sort(byNumber.compare);
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
      mistakes.push({ layer, line: mistakeLine(layer, layer.where(broken.key), broken.rule) });
    }
  }
  if (mistakes.length > 0) throw refusal(mistakes);
  return { config: merged as Config, from };
}

function mistakeLine({ from }: Layer, where: string, rule: string): string {
  return from === 'flags' && rule.startsWith('must ') ? `${where} ${rule}` : `${where}: ${rule}`;
}

function alternative(key: string): string {
  if (key === 'fleet') return '; use --fleet or SANDBOXCTL_FLEET';
  if (key === 'stateDir') return '; use SANDBOXCTL_STATE_DIR';
  const known = SETTINGS.map((setting) => setting.key);
  return suggestion(key, known);
}

function refusal(mistakes: readonly Mistake[]): SandboxctlError {
  const usage = mistakes.some(({ layer }) => layer.from === 'flags');
  const lines = mistakes.map(({ line }) => line);
  const place = usage ? 'flags or the configuration' : 'configuration';
  return new SandboxctlError(usage ? 'usage' : 'config', {
    ...(lines.length === 1
      ? { what: lines.join() }
      : { what: `${lines.length} mistakes in the ${place}`, detail: lines.join('\n') }),
    hint: usage
      ? 'run the command with --help to see the allowed values'
      : 'correct the configuration; docs/config.md lists the allowed values',
  });
}

async function foreignFileWarnings(file: FoundFile | undefined): Promise<string[]> {
  const warning = file === undefined ? undefined : await foreignFileWarning(file.path);
  return warning === undefined ? [] : [warning];
}
