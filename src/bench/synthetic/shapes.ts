import type { Kind } from './faults.js';

export interface Shape {
  /** What a hundred problems in a row are. */
  mix: readonly (readonly [count: number, language: 'python' | 'cpp', kind: Kind])[];
  /** Most test cases of a problem: assertions in one run, or runs with an input each. */
  cases: number;
  /** Most milliseconds that Python computes for a case, about. */
  scale: number;
}

const CPP: Shape['mix'] = [
  [1, 'cpp', 'right'],
  [1, 'cpp', 'wrong'],
  [1, 'cpp', 'crashing'],
  [1, 'cpp', 'slow'],
  [1, 'cpp', 'hungry'],
];

/**
 * `leetcode`: one run a problem, which asserts. `taco`: a run for each of up to eight inputs, and more to compute;
 * Reasoning360 keeps the eight shortest. `hello`: the shortest program, for the cost of a run alone.
 */
export const SHAPES: Readonly<Record<'leetcode' | 'taco' | 'hello', Shape>> = {
  leetcode: {
    mix: [
      [66, 'python', 'right'],
      [17, 'python', 'wrong'],
      [9, 'python', 'crashing'],
      [1, 'python', 'slow'],
      [2, 'python', 'hungry'],
      ...CPP,
    ],
    cases: 4,
    scale: 2,
  },
  taco: {
    mix: [
      [62, 'python', 'right'],
      [18, 'python', 'wrong'],
      [9, 'python', 'crashing'],
      [3, 'python', 'slow'],
      [3, 'python', 'hungry'],
      ...CPP,
    ],
    cases: 8,
    scale: 40,
  },
  hello: { mix: [[100, 'python', 'right']], cases: 1, scale: 1 },
};

/** `leetcode-2k`: a shape and the number of its problems. */
export interface SetName {
  shape: keyof typeof SHAPES;
  count: number;
}

/** The largest set: nobody waits for more. */
const MOST = 1_000_000;

/** Undefined for what names no synthetic set. */
export function parseSetName(text: string): SetName | undefined {
  const [, shape, digits, thousands] = /^([a-z]+)-([1-9]\d{0,6})(k?)$/.exec(text) ?? [];
  if (shape === undefined || !Object.hasOwn(SHAPES, shape)) return undefined;
  const count = Number(digits) * (thousands === 'k' ? 1_000 : 1);
  return count <= MOST ? { shape: shape as SetName['shape'], count } : undefined;
}
