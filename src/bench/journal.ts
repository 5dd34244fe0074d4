import { isObject, parseObject } from '../text/json-object.js';
import { VERDICTS } from './problem.js';
import type { RunResult, Segment } from './results.js';

/** What an interrupted bench has done, a line for each segment: an appended line that was cut is not read. */
export interface Journal {
  startedAt: string;
  segments: Segment[];
}

const SCHEMA = 1;

/** `bench`: what identifies it; only the same one may go on from here. */
export function journalHead(bench: string, startedAt: string): string {
  return `${JSON.stringify({ schema_version: SCHEMA, bench, started_at: startedAt })}\n`;
}

/** A run as a list: a large set has a hundred thousand. */
export function segmentLine({ results, ...segment }: Segment): string {
  const runs = results.map(({ problem, testCase, verdict, ms, detail, retries, doubt }) => [
    ...[problem, testCase, VERDICTS.indexOf(verdict), Math.round(ms * 1000) / 1000, detail, retries, doubt],
  ]);
  return `${JSON.stringify({ ...segment, runs })}\n`;
}

/** Undefined for the journal of another bench. */
export function parseJournal(text: string, bench: string): Journal | undefined {
  const [first = '', ...lines] = text.split('\n').slice(0, -1);
  const head = parseObject(first);
  if (head?.schema_version !== SCHEMA || head.bench !== bench || typeof head.started_at !== 'string')
    return undefined;
  return { startedAt: head.started_at, segments: lines.flatMap(parseSegment) };
}

function parseSegment(line: string): Segment[] {
  const { runs, ...segment } = parseObject(line) ?? {};
  if (!Array.isArray(runs) || !isSegment(segment)) return [];
  return [{ ...segment, results: runs.flatMap(parseRun) }];
}

function isSegment(value: unknown): value is Omit<Segment, 'results'> {
  if (!isObject(value)) return false;
  const { method, round, wallMs, cpu, peak } = value;
  const measured = [cpu, peak].every((each) => each === null || typeof each === 'number');
  return typeof method === 'string' && typeof round === 'number' && typeof wallMs === 'number' && measured;
}

function parseRun(run: unknown): RunResult[] {
  if (!Array.isArray(run)) return [];
  const [problem, testCase, index, ms, detail, retries, doubt] = run;
  const verdict = VERDICTS[index];
  return verdict === undefined ? [] : [{ problem, testCase, verdict, ms, detail, retries, doubt }];
}
