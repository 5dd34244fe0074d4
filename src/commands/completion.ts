import { readFile } from 'node:fs/promises';
import { brokenClusterName, CLUSTERS_VARIABLES } from '../config/cluster-name.js';
import { SandboxctlError } from '../errors.js';
import type { ClusterName } from '../fleet/spec.js';
import { type Candidate, type CompletionQuery, SHELLS, valuesOf } from './completion/values.js';
import type { Context } from './context.js';

const TEMPLATES = new URL('../../templates/completion/', import.meta.url);

export type Complete = (
  words: readonly string[],
  valuesOf: (query: CompletionQuery) => Promise<Candidate[]>,
) => Promise<Candidate[]>;

/** From the typed words or the environment. The files are not read: this runs at every key press. */
function clusterNamed(words: readonly string[], env: NodeJS.ProcessEnv): ClusterName {
  const at = words.findLastIndex((word) => /^(-M|--cluster-name)(=|$)/.test(word));
  const typed = words[at]?.includes('=') ? words[at]?.replace(/^.*?=/, '') : words[at + 1];
  const variables = ['SANDBOXCTL_CLUSTER_NAME', ...CLUSTERS_VARIABLES];
  const name = at < 0 ? variables.map((variable) => env[variable]).find(Boolean) : typed;
  return name === undefined || brokenClusterName(name) ? 'slurm' : `slurm:${name}`;
}

/**
 * The script calls `completion words -- WORDS`; the answer has a candidate, a tab and a description per line, or
 * `:files`. Throws kind `usage` for an unknown shell.
 */
export async function completion(
  context: Context,
  [shell, ...words]: string[],
  complete: Complete,
): Promise<void> {
  const { stdout } = context.io;
  if (shell === 'words') {
    const sources = {
      stateFolder: context.stateFolder,
      partitions: async () => (await context.scheduler(clusterNamed(words, context.env))).partitionNames(),
    };
    const found = await complete(words, (query) => valuesOf(query, sources));
    for (const { value, about } of found) stdout.line(`${value}\t${about}`);
    return;
  }
  if (shell === undefined || !SHELLS.includes(shell)) {
    throw new SandboxctlError('usage', {
      what: `there is no completion for '${shell}'`,
      detail: `known shells: ${SHELLS.join(', ')}`,
      hint: "for example 'source <(sandboxctl completion bash)'",
    });
  }
  stdout.write(await readFile(new URL(shell, TEMPLATES), 'utf8'));
}
