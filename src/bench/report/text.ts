import { wrap } from '../../text/wrap.js';
import type { Disagreement } from '../agreement.js';
import type { BenchReport, MethodReport } from './report.js';
import { methodTable } from './table.js';
import { counted, rate } from './units.js';

/** Disagreements that the text lists; the JSON has all. */
const LISTED = 20;

/** The report for people. `width` 0: any. */
export function reportText(report: BenchReport, width: number): string[] {
  const prose = (lines: readonly string[]) =>
    width === 0 ? lines : lines.flatMap((line) => wrap(line, width));
  return [
    ...prose([titleOf(report)]),
    '',
    ...methodTable(report, width),
    '',
    ...prose(headline(report)),
    ...agreement(report),
    ...prose(noteLines(report)),
  ];
}

/** What a reader of the figures must know. */
export function noteLines(report: BenchReport): string[] {
  return [
    ...report.methods.flatMap(notes),
    ...rejected(report),
    ...(report.machine.load_per_cpu > BUSY ? [busy(report)] : []),
  ];
}

function rejected({ dataset: { name, rejected: lines } }: BenchReport): string[] {
  return lines.length === 0
    ? []
    : [
        `${counted(lines.length, 'line')} of ${name} without a valid problem ${lines.length === 1 ? 'was' : 'were'} left out`,
      ];
}

/** Load for each CPU before the bench begins. */
const BUSY = 0.3;

export function titleOf({ dataset, concurrency, complete }: BenchReport): string {
  const seed = dataset.seed === null ? '' : ` (seed ${dataset.seed})`;
  const what = `${counted(dataset.problems, 'problem')}, ${counted(dataset.runs, 'run')}, ${concurrency} at once`;
  return `${dataset.name}${seed}: ${what}${complete ? '' : '; interrupted'}`;
}

function headline({ headline: { isolated_runs_per_second_per_core: value, method } }: BenchReport): string[] {
  return value === null ? [] : [`${rate(value)} isolated runs a second a core (${method})`];
}

function agreement({ agreement: { compared, agreeing, disagreements }, methods }: BenchReport): string[] {
  if (methods.length < 2) return [];
  return [
    `same verdict by all methods: ${agreeing} of ${counted(compared, 'problem')}`,
    ...disagreements.slice(0, LISTED).flatMap(disagreementLines),
    ...(disagreements.length > LISTED
      ? [`  and ${disagreements.length - LISTED} more (--json lists all)`]
      : []),
  ];
}

function disagreementLines({ problem, line, answers, doubtful }: Disagreement): string[] {
  const where = line === null ? '' : ` (line ${line})`;
  const why = doubtful ? ', where other programs had the CPUs' : '';
  return [
    `  ${problem}${where}${why}`,
    ...answers.map(
      ({ method, verdict, detail }) => `    ${method}: ${verdict}${detail === '' ? '' : `, ${detail}`}`,
    ),
  ];
}

/** `about` tells it, too. */
const COLD = /programs run cold\b.*/;

function notes({ name, about, sandbox_failures: failures, timeouts, unexpected }: MethodReport): string[] {
  const lines = (COLD.exec(about) ?? []).map((words) => `${name}: ${words}`);
  for (const [reason, count] of Object.entries(failures.reasons))
    lines.push(`${name}: the sandbox failed ${counted(count, 'run')}: ${reason}`);
  if (timeouts.contended > 0)
    lines.push(
      `${name}: ${timeouts.contended} of ${counted(timeouts.runs, 'timeout')} while other programs had the CPUs`,
    );
  if (timeouts.unproven > 0)
    lines.push(`${name}: ${counted(timeouts.unproven, 'timeout')} without a word on CPU time`);
  if (unexpected !== null && unexpected > 0)
    lines.push(`${name}: ${counted(unexpected, 'verdict')} other than the set's own`);
  return lines;
}

function busy({ machine }: BenchReport): string {
  return `the machine was busy before (load ${machine.load_per_cpu.toFixed(1)} a CPU): trust the ratios, not the times`;
}
