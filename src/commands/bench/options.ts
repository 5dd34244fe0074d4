import { LANGUAGES, type Language } from '../../api/languages.js';
import type { Defaults } from '../../bench/dataset/read.js';
import { SandboxctlError } from '../../errors.js';
import { parseDuration } from '../../text/duration.js';
import { baseUrl } from '../gateway/base-url.js';

/** As the user typed them. */
export interface BenchOptions {
  /** A file, or the name of a synthetic set. */
  dataset?: string | undefined;
  methods: readonly string[];
  /** URLs, each with `NAME=` before it or without. */
  endpoints: readonly string[];
  concurrency?: string | undefined;
  seed?: string | undefined;
  language?: string | undefined;
  timeout?: string | undefined;
  memory?: string | undefined;
  first?: string | undefined;
  cases?: string | undefined;
  tokenFile?: string | undefined;
  html?: string | undefined;
  sweep?: boolean;
  json?: boolean;
  resume?: boolean;
  yes?: boolean;
}

/** `warm` is isolated as `lite`, and its programs start in interpreters that have started before. */
const HERE = ['subprocess', 'lite', 'warm', 'none'] as const;
/** Methods by name. `fleet` is the one that --fleet names. */
const METHODS = [...HERE, 'fleet'] as const;
export type MethodName = (typeof METHODS)[number];

/** About a minute on a machine with two CPUs. */
const DEFAULT_SET = 'leetcode-100';
/** SandboxFusion's own default, in seconds. */
const DEFAULT_TIMEOUT_S = 10;

export interface Options {
  dataset: string;
  methods: readonly MethodName[];
  /** More methods: servers by URL, under the names that the user gave them. */
  pools: readonly Pool[];
  concurrency: number;
  seed: number;
  limits: Defaults;
  /** Only so many problems, and cases of each. */
  first: number;
  cases: number;
}

export interface Pool {
  name: string;
  urls: string[];
}

/** Throws kind `usage`. `fleetNamed`: --fleet names one, which is a method then. */
export function readOptions(given: BenchOptions, cores: number, fleetNamed: boolean): Options {
  const byDefault: readonly MethodName[] = given.sweep ? ['lite', 'warm'] : HERE;
  const methods = given.methods.length === 0 ? byDefault : [...new Set(given.methods.map(methodName))];
  if (given.sweep && methods.includes('subprocess'))
    throw usage('--sweep tries servers: it has no method subprocess');
  const pools = poolsOf(given.endpoints);
  const wantsFleet = fleetNamed && pools.length === 0 && !methods.includes('fleet');
  return {
    dataset: given.dataset ?? DEFAULT_SET,
    methods: wantsFleet ? [...methods, 'fleet'] : methods,
    pools,
    concurrency: whole('--concurrency', given.concurrency, 1, 100_000) ?? cores,
    seed: whole('--seed', given.seed, 0, 2 ** 31 - 1) ?? 1,
    first: whole('--first', given.first, 1, 1e9) ?? Number.POSITIVE_INFINITY,
    cases: whole('--cases', given.cases, 1, 1e9) ?? Number.POSITIVE_INFINITY,
    limits: {
      language: languageOf(given.language),
      timeout: secondsOf(given.timeout),
      memoryLimitMB: whole('--memory', given.memory, 1, 1e8) ?? null,
    },
  };
}

function methodName(text: string): MethodName {
  const name = METHODS.find((each) => each === text);
  if (name !== undefined) return name;
  throw usage(`there is no method '${text}'`, `--method takes ${METHODS.join(', ')}; --endpoint takes a URL`);
}

/** URLs of the same name are one method. */
function poolsOf(endpoints: readonly string[]): Pool[] {
  const pools: Pool[] = [];
  for (const text of endpoints) {
    const [, name = 'endpoints', url = ''] = /^(?:([\w.-]+)=)?(.*)$/s.exec(text) ?? [];
    if (METHODS.some((each) => each === name))
      throw usage(`--endpoint cannot be named ${name}: that is a method`);
    const known = pools.find((pool) => pool.name === name);
    if (known === undefined) pools.push({ name, urls: [baseUrl(url)] });
    else known.urls.push(baseUrl(url));
  }
  return pools;
}

function whole(flag: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usage(`${flag} takes a whole number from ${least} to ${most}, not '${text}'`);
}

function languageOf(text: string | undefined): Language {
  if (text === undefined) return 'python';
  const known = LANGUAGES.find((language) => language === text);
  if (known !== undefined) return known;
  throw usage(`there is no language '${text}'`, `--language takes ${LANGUAGES.join(', ')}`);
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_S;
  const value = /^\d{1,6}\.\d{1,3}$/.test(text) ? Number(text) : parseDuration(text);
  if (value !== undefined && value > 0) return value;
  throw usage(`--timeout takes seconds or a duration such as 90s or 2m, not '${text}'`);
}

export function usage(
  what: string,
  hint = "see 'sandboxctl bench --help'",
  detail?: string,
): SandboxctlError {
  return new SandboxctlError('usage', { what, hint, ...(detail === undefined ? {} : { detail }) });
}
