import { mixSeeds, Random } from './random.js';
import { type Input, TASKS, type Task } from './tasks.js';

/** Inputs of each task, of which the problems have theirs: with more, a large set would take minutes to compute. */
const POOL = 100;

export interface Solved {
  input: Input;
  expected: number;
}

/** Inputs with their results, each computed when it is first drawn. */
export function inputPool(seed: number, scale: number): (task: Task, random: Random) => Solved {
  const solved = new Map<string, Solved>();
  return (task, random) => {
    const at = random.int(0, POOL - 1);
    const known = solved.get(`${task.name} ${at}`);
    if (known !== undefined) return known;
    const own = new Random(mixSeeds(seed, TASKS.indexOf(task) + 1, at, scale));
    const input = task.input(own, own.int(1, scale));
    const one = { input, expected: task.solve(input) };
    solved.set(`${task.name} ${at}`, one);
    return one;
  };
}
