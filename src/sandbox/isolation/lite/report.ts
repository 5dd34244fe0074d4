import type { Program } from '../../types.js';

/** The control channel carries a few short lines; anything longer was written by a program. */
export const CONTROL_CAP = 16_384;

export interface Report {
  /** Whether the driver ran at all: without it the sandbox failed. */
  ready: boolean;
  filesRefused: boolean;
  /** Exit codes, negative for a signal; missing where that stage did not end. */
  compile?: number;
  run?: number;
  notStarted: boolean;
  complaints: string[];
}

/** The next expected line; others are ignored. */
type Expected = 'ready' | 'files' | 'compile' | 'run' | 'nothing';

/**
 * Parses the driver's report. Only the driver can write there; still, each line counts only if it is plausible:
 * once, in order, and for a stage or files that this program has.
 */
export function readReport(text: string, program: Pick<Program, 'compile' | 'files'>): Report {
  const report: Report = { ready: false, filesRefused: false, notStarted: false, complaints: [] };
  const first: Expected = program.compile === undefined ? 'run' : 'compile';
  let expected: Expected = 'ready';
  let complained = 0;
  const lines = text.split('\n');
  // An unfinished line does not count.
  const rest = lines.pop();
  for (const line of lines) {
    const [, stage, digits] = /^([CE]) (\d{1,3})$/.exec(line) ?? [];
    if (line === 'R') {
      if (expected !== 'ready') continue;
      report.ready = true;
      expected = program.files.size > 0 ? 'files' : first;
    } else if (line === 'F') {
      if (expected !== 'files') continue;
      report.filesRefused = true;
      expected = 'nothing';
    } else if (line === 'X') {
      if (expected === 'run' || (expected === 'files' && first === 'run')) report.notStarted = true;
    } else if (WAITED.test(line)) {
      if (expected !== 'run' && !(expected === 'files' && first === 'run')) continue;
      report.run = waitedCode(line);
      expected = 'nothing';
    } else if (stage === undefined) {
      if (line !== '') report.complaints.push(line);
    } else {
      const name = stage === 'C' ? 'compile' : 'run';
      if (name !== (expected === 'files' ? first : expected)) continue;
      const code = exitCode(Number(digits), report.complaints.length > complained);
      report[name] = code;
      complained = report.complaints.length;
      expected = name === 'compile' && code === 0 ? 'run' : 'nothing';
    }
  }
  if (rest) report.complaints.push(rest);
  return report;
}

export const WAITED = /^[ES][A-P][A-P]$/;

/** The exit code, or the negative number of a signal, in the waiter's line. */
export function waitedCode(line: string): number {
  const [high = 0, low = 0] = [...line.slice(1)].map((letter) => letter.charCodeAt(0) - 65);
  const value = high * 16 + low;
  return line.startsWith('S') ? -value : value;
}

const SIGINT = 2;
const SIGPIPE = 13;
const LAST_SIGNAL = 64;

/**
 * Converts a shell's `$?` to an exit code, or to the negative number of a signal: of a compiler, and of a program if
 * there is no waiter. Shells print no message for SIGINT and SIGPIPE, so 130 and 141 count as these signals:
 * programs rarely exit with them.
 */
function exitCode(status: number, complained: boolean): number {
  const signal = status - 128;
  const confirmed = complained && signal > 0 && signal <= LAST_SIGNAL;
  return confirmed || signal === SIGINT || signal === SIGPIPE ? -signal : status;
}
