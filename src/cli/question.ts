import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Output } from '../commands/context.js';
import { SandboxctlError } from '../errors.js';

/**
 * Enter, end of input and anything but yes mean no. Throws kind `usage` without a terminal, or the reason of
 * `signal`.
 */
export async function confirm(question: string, stderr: Output, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(`${question} [y/N]`, stderr, signal);
  if (answer !== undefined) return /^y(es)?$/i.test(answer);
  throw new SandboxctlError('usage', {
    what: '--yes required when not running interactively',
    hint: 'pass --yes to confirm without a question',
  });
}

/** Trimmed; empty at the end of input, undefined without a terminal. Throws the reason of `signal` if that fires. */
export async function ask(
  question: string,
  stderr: Output,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (process.stdin.isTTY !== true || !stderr.isTTY) return undefined;
  signal.throwIfAborted();
  stderr.write(`${question} `);
  // In raw mode Ctrl-C would not arrive as SIGINT.
  const lines = createInterface({ input: process.stdin, terminal: false });
  const ended = new AbortController();
  try {
    const answer = await Promise.race([
      once(lines, 'line', { signal: ended.signal }),
      once(lines, 'close', { signal: ended.signal }),
      once(signal, 'abort', { signal: ended.signal }),
    ]);
    if (signal.aborted) {
      stderr.line('');
      throw signal.reason;
    }
    return String(answer[0] ?? '').trim();
  } finally {
    ended.abort();
    lines.close();
  }
}
