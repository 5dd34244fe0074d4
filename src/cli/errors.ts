import { bug, codeOf, messageOf, SandboxctlError } from '../errors.js';
import type { ProgramRun } from './program-run.js';

/** Anything else that was thrown is a bug in sandboxctl. */
export function toSandboxctlError(thrown: unknown): SandboxctlError {
  if (thrown instanceof SandboxctlError) return thrown;
  const known = fileSystemError(thrown);
  if (known !== undefined) return known;
  const { hint } = bug('');
  return new SandboxctlError('bug', {
    what: 'unexpected internal error',
    detail: String(thrown),
    hint,
    cause: thrown,
  });
}

/** Errors of the file system. The same codes from other system calls would be bugs of ours. */
const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space there, or move the state folder with SANDBOXCTL_STATE_DIR',
  EDQUOT: 'your quota is used up: free some space, or move the state folder with SANDBOXCTL_STATE_DIR',
  EROFS: 'the file system is read-only: choose another place with SANDBOXCTL_STATE_DIR',
  EACCES: 'you have no permission there: choose another place with SANDBOXCTL_STATE_DIR',
  EPERM: 'you have no permission there: choose another place with SANDBOXCTL_STATE_DIR',
  EFBIG: "the file is larger than your limit: 'ulimit -f' shows it",
  EMFILE: "too many files are open: raise the limit with 'ulimit -n'",
  EIO: 'the file system is failing: try again, and report it to its administrators',
  ESTALE: 'the network file system lost the file: try again',
};

function fileSystemError(thrown: unknown): SandboxctlError | undefined {
  if (!(thrown instanceof Error) || !('syscall' in thrown)) return undefined;
  const hint = SYSTEM_HINTS[codeOf(thrown) ?? ''];
  if (hint === undefined) return undefined;
  const path = 'path' in thrown ? String(thrown.path) : 'a file';
  return new SandboxctlError('tool', {
    what: `cannot write or read ${path}`,
    detail: messageOf(thrown),
    hint,
    cause: thrown,
  });
}

/** On stderr: three lines and the end of the log, or one JSON object. */
export async function printError(error: SandboxctlError, programRun: ProgramRun): Promise<void> {
  const { stderr } = programRun.io;
  const { keepFlags } = await import('./hint.js');
  const hint = keepFlags(error.hint, programRun.called);
  if (programRun.json) {
    stderr.line(JSON.stringify({ error: { ...error.toJSON(), hint, exit_code: programRun.codeOf(error) } }));
    return;
  }
  const { stripVTControlCharacters } = await import('node:util');
  const linesOf = (text: string) => stripVTControlCharacters(text).split(/\r?\n/);
  const bold = await emphasis(stderr.color);
  stderr.line(error.message, `${bold.red('error:')} `);
  const words = error.detail?.trimEnd() ?? '';
  if (words !== '') for (const line of linesOf(words)) stderr.line(`  ${line}`);
  stderr.line(hint, `${bold.plain('hint:')} `);
  if (error.kind === 'bug') stderr.line(`  version: ${await versions()}`);
  for (const line of error.tail) stderr.line(`  | ${stripVTControlCharacters(line)}`);
  if (process.env.SANDBOXCTL_DEBUG === '1') for (const line of stacks(error).split('\n')) stderr.line(line);
}

async function versions(): Promise<string> {
  const { version } = await import('../files/version.js');
  return `sandboxctl ${version()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
}

function stacks(error: Error): string {
  const causes: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    causes.push(each.stack ?? each.message);
  }
  return causes.join('\ncaused by: ');
}

async function emphasis(color: boolean): Promise<Record<'red' | 'plain', (text: string) => string>> {
  if (!color) return { red: (text) => text, plain: (text) => text };
  const { paint } = await import('./color.js');
  const chalk = await paint({ color });
  return { red: chalk.red.bold, plain: chalk.bold };
}
