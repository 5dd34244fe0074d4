import type { Random } from './random.js';

export const KINDS = ['right', 'wrong', 'crashing', 'slow', 'hungry'] as const;

/** How a solution of the synthetic set behaves. */
export type Kind = (typeof KINDS)[number];

/** Seconds: longer than the limit of every slow solution, so that also one that nobody stops ends. */
const LONGEST_S = 15;
const BLOCK_MB = 16;
const BLOCKS = 24;
/** What a hungry solution may use: half of what it takes, all in all 384 MB. */
export const HUNGRY_LIMIT_MB = (BLOCK_MB * BLOCKS) / 2;

interface Faulty {
  language: 'python' | 'cpp';
  compiles: boolean;
  /** Lines that go before the solution's own. */
  lines: readonly string[];
}

const PYTHON_CRASHES: readonly (readonly string[])[] = [
  ['raise ValueError("not a number")'],
  ['return a[len(a)]'],
  ['import sys; sys.exit(3)'],
  ['import os; os.abort()'],
  ['return k // (k - k)'],
  ['return undefined_name'],
  ['def deeper(n): return deeper(n + 1)', 'return deeper(0)'],
];

const CPP_CRASHES: readonly (readonly string[])[] = [
  ['throw std::runtime_error("not a number");'],
  ['std::abort();'],
  ['std::exit(3);'],
  ['*(volatile int *)nullptr = 1;'],
];

const PYTHON_SLOW: readonly (readonly string[])[] = [
  ['import time', `end = time.monotonic() + ${LONGEST_S}`, 'while time.monotonic() < end: pass'],
  [`import time; time.sleep(${LONGEST_S})`],
];

const CPP_SLOW = [
  `auto end = std::chrono::steady_clock::now() + std::chrono::seconds(${LONGEST_S});`,
  'while (std::chrono::steady_clock::now() < end) {}',
];

const PYTHON_HUNGRY = ['blocks = []', `for _ in range(${BLOCKS}): blocks.append(b"x" * (${BLOCK_MB} << 20))`];
const CPP_HUNGRY = [
  'std::vector<std::vector<char>> blocks;',
  `for (int i = 0; i < ${BLOCKS}; i++) blocks.emplace_back(${BLOCK_MB} << 20, 'x');`,
];

/** The lines that make a solution slow, hungry or crash. `index`: which of several ways. */
export function faultLines(kind: Kind, language: Faulty['language'], random: Random): readonly string[] {
  if (kind === 'crashing') return random.pick(language === 'python' ? PYTHON_CRASHES : CPP_CRASHES);
  if (kind === 'slow') return language === 'python' ? random.pick(PYTHON_SLOW) : CPP_SLOW;
  if (kind === 'hungry') return language === 'python' ? PYTHON_HUNGRY : CPP_HUNGRY;
  return [];
}
