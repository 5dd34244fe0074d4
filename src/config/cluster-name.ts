/** By these sbatch, and by the second all of Slurm's tools, are told which clusters to ask. */
export const CLUSTERS_VARIABLES = ['SBATCH_CLUSTERS', 'SLURM_CLUSTERS'] as const;

/** sbatch takes a list too, and chooses one of it, or `all`; a fleet's jobs must be looked for in one place. */
export function brokenClusterName(text: string): string | undefined {
  return /^[\w.-]+$/.test(text) && text !== 'all' ? undefined : 'must be the name of one cluster';
}
