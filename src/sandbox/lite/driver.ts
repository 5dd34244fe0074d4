import type { Program } from '../types.js';

/** File descriptors of the driver, beside 0, 1 and 2 of the program. */
export const CONTROL_FD = 3;
export const CODE_FD = 4;
const SAVED_STDERR_FD = 7;
export const COMPILE_STDOUT_FD = 5;
export const COMPILE_STDERR_FD = 6;

/** RLIMIT_* values as `ulimit` of a POSIX shell takes them, by letter. */
export type Ulimits = Readonly<Record<string, number>>;

/**
 * The first process of a sandbox, as a POSIX shell's script. It tells on its control descriptor what
 * happens, a line each: `R` it runs, `C N` the compiler ended with N, `E N` the program did. A shell
 * complains of a child that a signal ended: such a line before `C` or `E` tells a signal from an exit code.
 */
export function driverScript(program: Pick<Program, 'compile' | 'run'>, ulimits: Ulimits): string {
  const control = `>&${CONTROL_FD}`;
  const closed = `${CONTROL_FD}>&- ${SAVED_STDERR_FD}>&-`;
  const lines = [
    `exec ${SAVED_STDERR_FD}>&2 2${control}`,
    ...Object.entries(ulimits).map(([letter, value]) => `ulimit -${letter} ${value}`),
    `echo R ${control}`,
  ];
  if (program.compile !== undefined) {
    const [out, err] = [COMPILE_STDOUT_FD, COMPILE_STDERR_FD];
    lines.push(
      `(exec ${quoted(program.compile)} </dev/null >&${out} 2>&${err} ${out}>&- ${err}>&- ${closed})`,
      's=$?',
      `echo "C $s" ${control}`,
      '[ "$s" = 0 ] || exit 0',
      `exec ${out}>&- ${err}>&-`,
    );
  }
  lines.push(`(exec ${quoted(program.run)} 2>&${SAVED_STDERR_FD} ${closed})`, `echo "E $?" ${control}`);
  return lines.join('\n');
}

export interface Report {
  /** Whether the driver ran at all: without it the sandbox failed. */
  ready: boolean;
  /** Exit codes, negative for a signal; missing where that stage did not end. */
  compile?: number;
  run?: number;
}

/** Reads what a driver told. Whatever else stands there was written by the program, to its own harm only. */
export function readReport(text: string): Report {
  const report: Report = { ready: false };
  let complaint = false;
  for (const line of text.split('\n')) {
    const [, stage, digits] = /^([CE]) (\d{1,3})$/.exec(line) ?? [];
    if (line === 'R') report.ready = true;
    else if (stage === undefined) complaint ||= line !== '';
    else {
      report[stage === 'C' ? 'compile' : 'run'] = exitCode(Number(digits), complaint);
      complaint = false;
    }
  }
  return report;
}

const SIGINT = 2;
const SIGPIPE = 13;
const LAST_SIGNAL = 64;

/** A shell's `$?` as an exit code, or the negative number of a signal. Shells do not complain of SIGINT and SIGPIPE. */
function exitCode(status: number, complaint: boolean): number {
  const signal = status - 128;
  const named = complaint && signal > 0 && signal <= LAST_SIGNAL;
  return named || signal === SIGINT || signal === SIGPIPE ? -signal : status;
}

export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
