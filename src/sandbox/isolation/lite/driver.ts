import { shellQuote } from '../../../text/quote.js';
import type { Program } from '../../types.js';

/**
 * A copy of the shell that is executable but not readable. A program of the same user can then neither trace it nor
 * open its memory or descriptors. It is named `sh` because bash changes its behaviour by name.
 */
export const DRIVER_SHELL = '/dev/.driver/sh';
/** What the driver becomes while the program runs, if this machine has one. */
export const WAITER = '/dev/.driver/wait';

/**
 * File descriptors beyond the program's own. Shells take one digit only, and bubblewrap closes CODE and
 * SECCOMP before the driver begins, so that the program's stderr can be kept at CODE.
 */
export const FD = {
  control: 3,
  code: 4,
  seccomp: 5,
  compileStdout: 6,
  compileStderr: 7,
  files: 8,
  fetch: 9,
  /** Of bubblewrap alone, which copies the shell from it and closes it. */
  shell: 10,
  /** As well: the waiter. */
  waiter: 11,
  /** As well: /etc/hosts. */
  hosts: 12,
} as const;
const PROGRAM_STDERR = FD.code;

/**
 * The driver shares its process group with the program, so signals to the group must not end the driver. A shell
 * resets trapped signals in its children.
 */
const SIGNALS_PASS = 'trap : HUP INT TERM';

/** Arguments of the shell's `ulimit`, one limit each. */
export type Ulimits = readonly string[];

export interface DriverLimits {
  /** For every process in the sandbox. */
  all: Ulimits;
  compile: Ulimits;
  run: Ulimits;
}

/** The number after the driver's last descriptor. */
function descriptors(program: Program): number {
  if (program.fetch.length > 0) return FD.fetch + 1;
  if (program.files.size > 0) return FD.files + 1;
  return program.compile === undefined ? FD.seccomp + 1 : FD.compileStderr + 1;
}

/**
 * The first process of a sandbox, as a POSIX shell's script. It tells on its control descriptor what
 * happens, a line each: `R` it runs, `F` the files could not be written, `C N` the compiler ended with N,
 * `E N` the program did. A shell complains of a child that a signal ended: such a line before `C` or `E`
 * tells a signal from an exit code; where there is a waiter, it tells of the program instead. The paths to fetch come the other way, each ended by a NUL: they may be
 * more than a command line takes.
 */
export function driverScript(program: Program, limits: DriverLimits, waits: boolean): string {
  const last = descriptors(program);
  const open: number[] = [FD.control, PROGRAM_STDERR];
  for (let fd: number = FD.compileStdout; fd < last; fd += 1) open.push(fd);
  const closed = open.map((fd) => `${fd}>&-`).join(' ');
  const tell = `>&${FD.control}`;
  // Redirected inside the parentheses: messages of the shell itself go to the control descriptor.
  const stage = (words: readonly string[], ulimits: Ulimits, redirects: string) =>
    `(${[...ulimitLines(ulimits), `exec ${quoted(words)} ${redirects} ${closed}`].join('; ')})`;
  const rest = program.fetch.length > 0 ? fetching : [];
  const run = waits
    ? [
        ...ulimitLines(limits.run),
        `exec ${quoted([WAITER, DRIVER_SHELL, '-c', rest.join('\n'), ...program.run])} 2>&${PROGRAM_STDERR}`,
      ].join('; ')
    : `${stage(program.run, limits.run, `2>&${PROGRAM_STDERR}`)}; echo "E $?" ${tell}`;
  const lines = [
    `exec ${PROGRAM_STDERR}>&2 2>&${FD.control}`,
    SIGNALS_PASS,
    ...ulimitLines(limits.all),
    `echo R ${tell}`,
  ];
  if (program.files.size > 0) {
    lines.push(`tar -xPf - --no-same-owner <&${FD.files} || { echo F ${tell}; exit 0; }`);
  }
  if (program.compile === undefined) lines.push(run);
  else {
    const redirects = `</dev/null >&${FD.compileStdout} 2>&${FD.compileStderr}`;
    const compile = stage(program.compile, limits.compile, redirects);
    lines.push(compile, 's=$?', `echo "C $s" ${tell}`, `[ "$s" = 0 ] && { ${run}; }`);
  }
  // Also after a failed compiler.
  return [...lines, ...rest].join('\n');
}

const TAR = 'tar -cPhf - --format=gnu --no-recursion --hard-dereference --ignore-failed-read';

/** Kills all remaining processes, and sends the files. */
const fetching = [`exec 2>&${FD.control}`, 'kill -9 -1', `${TAR} --null -T - <&${FD.control} >&${FD.fetch}`];

function ulimitLines(ulimits: Ulimits): string[] {
  return ulimits.map((each) => `ulimit ${each}`);
}

export function quoted(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
