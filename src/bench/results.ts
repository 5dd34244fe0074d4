import type { Run } from './problem.js';
import type { Attempt } from './verdict.js';

/** One run that a method has done. */
export interface RunResult extends Run, Attempt {
  ms: number;
}

/** A part of a round that one method did without a pause. */
export interface Segment {
  method: string;
  round: number;
  wallMs: number;
  /** Seconds; null if nobody could measure it. */
  cpu: number | null;
  /** Bytes; null if nobody could measure it. */
  peak: number | null;
  results: readonly RunResult[];
}

/** What is left of a round for a method. */
export function leftOf(runs: readonly Run[], segments: readonly Segment[], method: string): Run[] {
  const keyOf = ({ problem, testCase }: Run) => `${problem}/${testCase}`;
  const done = new Set(
    segments.filter((each) => each.method === method).flatMap(({ results }) => results.map(keyOf)),
  );
  return runs.filter((run) => !done.has(keyOf(run)));
}

/** Two benches at once write the same journal: what both have done counts once. */
export function withoutRepeats(segments: readonly Segment[]): Segment[] {
  const kept: Segment[] = [];
  for (const segment of segments) {
    if (leftOf(segment.results, kept, segment.method).length === segment.results.length) kept.push(segment);
  }
  return kept;
}
