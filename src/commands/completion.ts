import { readFile } from 'node:fs/promises';
import { SandboxctlError } from '../errors.js';
import { type Asked, type Candidate, SHELLS, valuesOf } from './completion/values.js';
import type { Context } from './context.js';

const TEMPLATES = new URL('../../templates/completion/', import.meta.url);

/** What the last of the words may become, by one who knows all commands. */
export type Understand = (
  words: readonly string[],
  valuesOf: (asked: Asked) => Promise<Candidate[]>,
) => Promise<Candidate[]>;

/**
 * Prints the script that makes a shell complete sandboxctl. That script asks `completion words -- WORDS`, in
 * which the last word is the one that is being typed: one candidate a line, a tab and what it is, or `:files`.
 * Throws kind `usage` for another shell.
 */
export async function completion(
  context: Context,
  [shell, ...words]: string[],
  understand: Understand,
): Promise<void> {
  const { stdout } = context.io;
  if (shell === 'words') {
    const found = await understand(words, (asked) => valuesOf(asked, context));
    for (const { value, about } of found) stdout.line(`${value}\t${about}`);
    return;
  }
  if (shell === undefined || !SHELLS.includes(shell)) {
    throw new SandboxctlError('usage', {
      what: `there is no completion for '${shell}'`,
      words: `known shells: ${SHELLS.join(', ')}`,
      hint: "for example 'source <(sandboxctl completion bash)'",
    });
  }
  stdout.write(await readFile(new URL(shell, TEMPLATES), 'utf8'));
}
