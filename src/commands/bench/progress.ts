import { estimate } from '../../bench/estimate.js';
import type { BenchWork } from '../../bench/execute.js';
import type { Method } from '../../bench/methods/method.js';
import { type Problem, runsOf } from '../../bench/problem.js';
import { seconds } from '../../bench/report/units.js';
import type { Segment } from '../../bench/results.js';
import type { Context, Progress } from '../context.js';

/** Milliseconds between two updates of a live line. */
const UPDATE_MS = 500;

type Shown = Pick<BenchWork, 'onSegmentStart' | 'onRun'> & {
  onSegment(segment: Segment): void;
  close(): void;
};

/** Shows on stderr what runs, how much is done and how long the rest takes. */
export function benchProgress(
  { io, clock }: Context,
  {
    problems,
    methods,
    done: before,
    progress,
  }: {
    problems: readonly Problem[];
    methods: readonly Method[];
    done: readonly Segment[];
    progress: Progress;
  },
): Shown {
  const total = runsOf(problems).length;
  const done = new Map<string, number>();
  const segments = [...before];
  for (const { method, results } of before) done.set(method, (done.get(method) ?? 0) + results.length);
  let current = '';
  let shownAt = 0;
  const show = () => {
    shownAt = clock.now();
    const left = methods.map(({ name }) => ({ method: name, runs: total - (done.get(name) ?? 0) }));
    const ran = [...done.values()].reduce((sum, each) => sum + each, 0);
    const rest = estimate(left, segments);
    // The estimate first: a narrow terminal cuts the end.
    const estimated = rest === null ? '' : `${seconds(rest)} left; `;
    progress.phase(`${estimated}${current}: ${ran} of ${total * methods.length} runs`);
  };
  return {
    onSegmentStart({ method, round }, rounds) {
      current = `round ${round + 1} of ${rounds}, ${method}`;
      show();
    },
    onRun(method) {
      done.set(method, (done.get(method) ?? 0) + 1);
      if (io.stderr.isTTY && clock.now() - shownAt >= UPDATE_MS) show();
    },
    onSegment(segment) {
      segments.push(segment);
    },
    close: () => progress.close(),
  };
}
