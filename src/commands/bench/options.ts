import { SandboxctlError } from '../../errors.js';
import type { BenchOptions } from '../bench.js';

export const METHODS = ['subprocess', 'lite', 'none'] as const;
export type MethodName = (typeof METHODS)[number];

/** A minute on a machine with two CPUs. */
const DEFAULT_SET = 'leetcode-100';

export interface Options {
  dataset: string;
  methods: readonly MethodName[];
  concurrency: number;
  seed: number;
}

/** Throws kind `usage`. */
export function readOptions(given: BenchOptions, cores: number): Options {
  return {
    dataset: given.dataset ?? DEFAULT_SET,
    methods: given.methods.length === 0 ? METHODS : [...new Set(given.methods.map(methodName))],
    concurrency:
      given.concurrency === undefined ? cores : whole('--concurrency', given.concurrency, 1, 100_000),
    seed: given.seed === undefined ? 1 : whole('--seed', given.seed, 0, 2 ** 31 - 1),
  };
}

function methodName(text: string): MethodName {
  const name = METHODS.find((each) => each === text);
  if (name !== undefined) return name;
  throw usage(`there is no method '${text}'`, `--method takes ${METHODS.join(', ')}`);
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usage(`${flag} takes a whole number from ${least} to ${most}, not '${text}'`);
}

export function usage(what: string, hint = "see 'sandboxctl bench --help'"): SandboxctlError {
  return new SandboxctlError('usage', { what, hint });
}
