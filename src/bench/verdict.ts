import type { Outcome } from '../api/outcome.js';
import { sameOutput } from '../api/same-output.js';
import type { TestCase, Verdict } from './problem.js';

/** How one run of a program ended. */
export interface Attempt {
  verdict: Verdict;
  /** What the program or the sandbox said, in a few words; empty for an accepted run. */
  detail: string;
  /** Attempts that the sandbox failed before this one. */
  retries: number;
  /**
   * Of a timeout. `contended`: other programs had the CPUs. `unproven`: nothing tells whether they did. Null for the
   * program's own.
   */
  doubt: 'contended' | 'unproven' | null;
  /** The server that ran it, where a method has several that may fail. */
  server?: string;
}

/** Characters of a detail. */
const LONGEST = 160;

/** `cpu`: seconds of CPU time and of waiting for a CPU, where they are known. */
export function judgeRun(
  { stdin: _, expected }: TestCase,
  outcome: Outcome,
  cpu: CpuShare | null,
  limit: number,
): Omit<Attempt, 'retries' | 'server'> {
  const sure = { doubt: null };
  if (outcome.stage === 'compile') {
    if (outcome.timedOut) return { verdict: 'timeout', detail: 'compiling', doubt: doubtOf(cpu, limit) };
    return { verdict: 'compile error', detail: lastLine(outcome.stderr), ...sure };
  }
  if (outcome.timedOut) return { verdict: 'timeout', detail: cpuWords(cpu), doubt: doubtOf(cpu, limit) };
  if (outcome.code !== 0) return { verdict: 'failed', detail: endOf(outcome), ...sure };
  if (expected === null || sameOutput(outcome.stdout.toString(), expected))
    return { verdict: 'accepted', detail: '', ...sure };
  return { verdict: 'wrong answer', detail: `printed ${shown(outcome.stdout.toString())}`, ...sure };
}

export interface CpuShare {
  used: number;
  waited: number;
}

/** A program that waited for a CPU for a tenth of its time did not have its time. */
const CONTENDED = 0.1;

function doubtOf(cpu: CpuShare | null, limit: number): Attempt['doubt'] {
  if (cpu === null) return 'unproven';
  return cpu.waited > CONTENDED * limit && cpu.used < (1 - CONTENDED) * limit ? 'contended' : null;
}

function cpuWords(cpu: CpuShare | null): string {
  if (cpu === null) return '';
  return `used a CPU for ${cpu.used.toFixed(2)} s and waited for one for ${cpu.waited.toFixed(2)} s`;
}

function endOf({ code, killed, stderr }: Outcome): string {
  const how = code !== null && code < 0 ? `signal ${-code}` : `exit code ${code}`;
  const why = killed === null ? lastLine(stderr) : `over its ${killed} limit`;
  return why === '' ? how : `${how}: ${why}`;
}

function lastLine(bytes: Buffer): string {
  return shown(bytes.toString().trimEnd().split('\n').at(-1) ?? '', false);
}

function shown(text: string, quoted = true): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  return quoted ? JSON.stringify(cut) : cut;
}

/**
 * The verdict of a problem, of the runs of its cases: that of the first case which was not accepted. If the sandbox
 * failed one, the problem has none.
 */
export function verdictOf<A extends Pick<Attempt, 'verdict'>>(attempts: readonly A[]): A | undefined {
  return (
    attempts.find(({ verdict }) => verdict === 'sandbox failure') ??
    attempts.find(({ verdict }) => verdict !== 'accepted') ??
    attempts[0]
  );
}
