export interface Report {
  /** Whether the driver ran at all: without it the sandbox failed. */
  ready: boolean;
  /** The files of the request could not be written. */
  filesRefused: boolean;
  /** Exit codes, negative for a signal; missing where that stage did not end. */
  compile?: number;
  run?: number;
  /** What the driver's shell and tools complained of. */
  complaints: string[];
}

/** Reads what a driver told. Whatever else stands there was written by the program, to its own harm only. */
export function readReport(text: string): Report {
  const report: Report = { ready: false, filesRefused: false, complaints: [] };
  let complained = 0;
  for (const line of text.split('\n')) {
    const [, stage, digits] = /^([CE]) (\d{1,3})$/.exec(line) ?? [];
    if (line === 'R') report.ready = true;
    else if (line === 'F') report.filesRefused = true;
    else if (stage === undefined) {
      if (line !== '') report.complaints.push(line);
    } else {
      const name = stage === 'C' ? 'compile' : 'run';
      report[name] ??= exitCode(Number(digits), report.complaints.length > complained);
      complained = report.complaints.length;
    }
  }
  return report;
}

const SIGINT = 2;
const SIGPIPE = 13;
const LAST_SIGNAL = 64;

/**
 * A shell's `$?` as an exit code, or the negative number of a signal. Shells do not complain of SIGINT and
 * SIGPIPE: there an exit code of 130 or 141 is taken for the signal, since programs hardly choose these.
 */
function exitCode(status: number, complained: boolean): number {
  const signal = status - 128;
  const told = complained && signal > 0 && signal <= LAST_SIGNAL;
  return told || signal === SIGINT || signal === SIGPIPE ? -signal : status;
}
