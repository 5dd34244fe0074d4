import type { Problem, Verdict } from '../problem.js';
import { faultLines, HUNGRY_LIMIT_MB, type Kind } from './faults.js';
import { inputPool } from './inputs.js';
import { cppAsserts, cppStdio, pythonAsserts, pythonStdio, type Solution, stdinOf } from './programs.js';
import { mixSeeds, Random } from './random.js';
import { type SetName, SHAPES, type Shape } from './shapes.js';
import { TASKS } from './tasks.js';

/** Seconds. A slow solution has less, so that a set does not consist of waiting. */
const TIMEOUT_S = 10;
const SLOW_TIMEOUT_S = 1;

/**
 * The problems of a synthetic set. The same name and seed give the same set everywhere, and a smaller set is the
 * beginning of a larger one. `hasCpp` false leaves out the problems in C++.
 */
export function generate({ shape, count }: SetName, seed: number, hasCpp = true): Problem[] {
  const problems: Problem[] = [];
  const draw = inputPool(seed, SHAPES[shape].scale);
  for (let index = 0; index < count; index += 1) {
    const [language, kind] = slotOf(SHAPES[shape], index, seed);
    if (language === 'cpp' && !hasCpp) continue;
    const random = new Random(mixSeeds(seed, index + 1, shape.length));
    problems.push({
      id: `${shape}-${index}`,
      line: null,
      ...problemOf({ shape, language, kind, random, draw }),
    });
  }
  return problems;
}

type Slot = readonly [language: 'python' | 'cpp', kind: Kind];

/** Every hundred problems in a row have the same mix, in another order. */
function slotOf({ mix }: Shape, index: number, seed: number): Slot {
  const slots = mix.flatMap(([count, ...slot]) => Array.from({ length: count }, (): Slot => slot));
  const hundred = Math.floor(index / slots.length);
  return new Random(mixSeeds(seed, hundred, 77)).shuffled(slots)[index % slots.length] as Slot;
}

type Content = Omit<Problem, 'id' | 'line'>;

interface Choice {
  shape: SetName['shape'];
  language: Slot[0];
  kind: Kind;
  random: Random;
  draw: ReturnType<typeof inputPool>;
}

function problemOf({ shape, language, kind, random, draw }: Choice): Content {
  const limits = {
    language,
    runTimeout: kind === 'slow' ? SLOW_TIMEOUT_S : TIMEOUT_S,
    memoryLimitMB: kind === 'hungry' ? HUNGRY_LIMIT_MB : null,
  };
  if (shape === 'hello') {
    const cases = [{ stdin: null, expected: 'hello\n' }];
    return { ...limits, code: 'print("hello")\n', cases, label: 'accepted' };
  }
  const task = random.pick(TASKS);
  const solution: Solution = {
    task,
    before: faultLines(kind, language, random),
    isWrong: kind === 'wrong',
  };
  const count = kind === 'slow' ? 1 : random.int(1, SHAPES[shape].cases);
  const inputs = Array.from({ length: count }, () => draw(task, random));
  if (shape === 'leetcode') {
    const code = language === 'python' ? pythonAsserts(solution, inputs) : cppAsserts(solution, inputs);
    return { ...limits, code, cases: [{ stdin: null, expected: null }], label: labelOf(kind, 'failed') };
  }
  return {
    ...limits,
    code: language === 'python' ? pythonStdio(solution) : cppStdio(solution),
    cases: inputs.map(({ input, expected }) => ({ stdin: stdinOf(input), expected: `${expected}\n` })),
    label: labelOf(kind, 'wrong answer'),
  };
}

/** A failed assertion looks like any other failure. */
function labelOf(kind: Kind, wrong: Verdict): Verdict {
  if (kind === 'right') return 'accepted';
  if (kind === 'wrong') return wrong;
  return kind === 'slow' ? 'timeout' : 'failed';
}
