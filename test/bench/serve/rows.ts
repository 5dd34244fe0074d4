import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { healthRequest } from '../../../src/api/canary.js';

/** The system's own tools: a version manager's start so slowly that nothing else shows. */
const SYSTEM = '/usr/bin:/bin';
const PYTHON = '/usr/bin/python3';

export interface Row {
  name: string;
  language: string;
  code: string;
  stdin?: string;
  /** The plain way: a command in a folder of its own, where `code` is the file. */
  file: string;
  command: string[];
  path: string;
  ways: readonly WayName[];
  /** Least rates beside the plain way's; the issue's. */
  least: Partial<Record<WayName, number>>;
  preload?: string;
  runs: number;
  rounds: number;
}

/**
 * `fresh`: isolated, each source another than before; the other isolated ways send one source again and again.
 * `large`: with so much memory for a run that no runtime need be told of its limit.
 */
export type WayName = 'plain' | 'none' | 'cold' | 'warm' | 'fresh' | 'again' | 'large';

const python = (name: string, code: string, least: Row['least'], ways: readonly WayName[]): Row => ({
  ...{ name, language: 'python', code, file: 'code.py', command: [PYTHON, 'code.py'], path: SYSTEM },
  ...{ ways: ['plain', ...ways], least, runs: 30, rounds: 5 },
});

const HELLO = 'hello';
/** What verifying a failure costs. */
const CANARY = healthRequest(HELLO);
const CPP = '#include <bits/stdc++.h>\nint main() { std::cout << "hello" << std::endl; }\n';
const BUILD = 'g++ -std=c++17 code.cpp -o test && ./test';

/** In this order. */
export const ROW_NAMES = ['hello', 'canary', 'stdlib', 'numpy', 'cpp', 'node'];

/** Without numpy where no Python has it. */
export function rows(): Row[] {
  const numpy = pythonWith('numpy');
  return [
    python('hello', 'print("hello")', { none: 0.9, cold: 0.6, warm: 1.8 }, ['none', 'cold', 'warm']),
    { ...python('canary', CANARY.code, {}, ['cold', 'warm']), stdin: HELLO },
    python('stdlib', 'import collections, heapq, itertools, json, re\nprint("hello")', { warm: 3 }, [
      'cold',
      'warm',
    ]),
    ...(numpy === undefined
      ? []
      : [
          {
            ...python('numpy', 'import numpy\nprint("hello")', { warm: 8 }, ['cold', 'warm']),
            ...{ command: [numpy, 'code.py'], path: `${dirname(numpy)}:${SYSTEM}`, preload: 'numpy' },
            ...{ runs: 12, rounds: 3 },
          },
        ]),
    {
      ...{ name: 'cpp', language: 'cpp', code: CPP, file: 'code.cpp', command: ['/bin/sh', '-c', BUILD] },
      ...{
        path: SYSTEM,
        ways: ['plain', 'fresh', 'again'],
        least: { fresh: 3, again: 20 },
        runs: 4,
        rounds: 2,
      },
    },
    {
      ...{ name: 'node', language: 'nodejs', code: 'console.log("hello")', file: 'code.js' },
      ...{ command: ['/usr/bin/node', 'code.js'], path: SYSTEM, ways: ['plain', 'cold', 'warm', 'large'] },
      ...{ least: { warm: 0.9, large: 0.9 }, runs: 16, rounds: 5 },
    },
  ];
}

/** The first Python on PATH, or the system's, that has a module. */
function pythonWith(module: string): string | undefined {
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(':')];
  return folders
    .map((folder) => join(folder, 'python3'))
    .find((path) => {
      try {
        if (!existsSync(path)) return false;
        execFileSync(path, ['-c', `import ${module}`], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    });
}
