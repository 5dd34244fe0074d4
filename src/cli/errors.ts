import { bug, codeOf, messageOf, SandboxctlError } from '../errors.js';
import type { Session } from './session.js';

/** What is no error of ours is a bug of ours: its message becomes the words. */
export function toSandboxctlError(thrown: unknown): SandboxctlError {
  if (thrown instanceof SandboxctlError) return thrown;
  const refused = refusedBySystem(thrown);
  if (refused !== undefined) return refused;
  const { hint } = bug('');
  return new SandboxctlError('bug', {
    what: 'sandboxctl failed in a way that it does not know',
    words: String(thrown),
    hint,
    cause: thrown,
  });
}

/** What the file system says no with; the same code from anywhere else would be a bug of ours. */
const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space there, or move the state folder with SANDBOXCTL_STATE_DIR',
  EDQUOT: 'your quota is used up: free some space, or move the state folder with SANDBOXCTL_STATE_DIR',
  EROFS: 'the file system is read-only: choose another place with SANDBOXCTL_STATE_DIR',
  EACCES: 'you may not write there: choose another place with SANDBOXCTL_STATE_DIR',
  EPERM: 'you may not write there: choose another place with SANDBOXCTL_STATE_DIR',
  EFBIG: "a limit on the size of files is in the way: 'ulimit -f' shows it",
  EMFILE: "a limit on open files is in the way: raise it with 'ulimit -n'",
  EIO: 'the file system is failing: try again, and tell its administrators',
  ESTALE: 'the network file system lost the file: try again',
};

function refusedBySystem(thrown: unknown): SandboxctlError | undefined {
  if (!(thrown instanceof Error) || !('syscall' in thrown)) return undefined;
  const hint = SYSTEM_HINTS[codeOf(thrown) ?? ''];
  if (hint === undefined) return undefined;
  const path = 'path' in thrown ? String(thrown.path) : 'a file';
  return new SandboxctlError('tool', {
    what: `${path} could not be written or read`,
    words: messageOf(thrown),
    hint,
    cause: thrown,
  });
}

/** Prints an error on stderr: three lines and the log's tail, or one JSON object. */
export async function printError(error: SandboxctlError, session: Session): Promise<void> {
  const { stderr } = session.io;
  const { keepFlags } = await import('./hint.js');
  const hint = keepFlags(error.hint, session.called);
  if (session.json) {
    stderr.line(JSON.stringify({ error: { ...error.toJSON(), hint, exit_code: session.codeOf(error) } }));
    return;
  }
  const { stripVTControlCharacters } = await import('node:util');
  const bold = await emphasis(stderr.color);
  stderr.line(`${bold.red('error:')} ${error.message}`);
  const words = error.words?.trimEnd() ?? '';
  if (words !== '') stderr.line(indent(stripVTControlCharacters(words)));
  stderr.line(`${bold.plain('hint:')} ${hint}`);
  if (error.kind === 'bug') stderr.line(`  version: ${await versions()}`);
  for (const line of error.tail) stderr.line(`  | ${stripVTControlCharacters(line)}`);
  if (process.env.SANDBOXCTL_DEBUG === '1') stderr.line(stacks(error));
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

async function versions(): Promise<string> {
  const { version } = await import('./version.js');
  return `sandboxctl ${version()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
}

function stacks(error: Error): string {
  const causes: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    causes.push(each.stack ?? each.message);
  }
  return causes.join('\ncaused by: ');
}

/** chalk is not loaded for an error that goes to a file. */
async function emphasis(color: boolean): Promise<Record<'red' | 'plain', (text: string) => string>> {
  if (!color) return { red: (text) => text, plain: (text) => text };
  const { paint } = await import('./color.js');
  const chalk = await paint({ color });
  return { red: chalk.red.bold, plain: chalk.bold };
}
