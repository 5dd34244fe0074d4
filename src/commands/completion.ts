import { readFile } from 'node:fs/promises';
import { brokenClusterName, CLUSTERS_VARIABLES } from '../config/cluster-name.js';
import { SandboxctlError } from '../errors.js';
import type { ClusterName } from '../fleet/spec.js';
import { type Asked, type Candidate, SHELLS, valuesOf } from './completion/values.js';
import type { Context } from './context.js';

const TEMPLATES = new URL('../../templates/completion/', import.meta.url);

/** What the last of the words may become, by one who knows all commands. */
export type Understand = (
  words: readonly string[],
  valuesOf: (asked: Asked) => Promise<Candidate[]>,
) => Promise<Candidate[]>;

/** By the words that are typed, or the environment; the files are not read at every press of a key. */
function clusterNamed(words: readonly string[], env: NodeJS.ProcessEnv): ClusterName {
  const at = words.findLastIndex((word) => /^(-M|--cluster-name)(=|$)/.test(word));
  const typed = words[at]?.includes('=') ? words[at]?.replace(/^.*?=/, '') : words[at + 1];
  const variables = ['SANDBOXCTL_CLUSTER_NAME', ...CLUSTERS_VARIABLES];
  const name = at < 0 ? variables.map((variable) => env[variable]).find(Boolean) : typed;
  return name === undefined || brokenClusterName(name) ? 'slurm' : `slurm:${name}`;
}

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
    const sources = {
      stateFolder: context.stateFolder,
      partitions: async () => (await context.scheduler(clusterNamed(words, context.env))).partitionNames(),
    };
    const found = await understand(words, (asked) => valuesOf(asked, sources));
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
