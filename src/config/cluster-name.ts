/** The clusters to use: sbatch reads both variables, Slurm's other tools only the second. */
export const CLUSTERS_VARIABLES = ['SBATCH_CLUSTERS', 'SLURM_CLUSTERS'] as const;

/** sbatch also accepts a list or `all`, and chooses one. Then nobody could know where to find the fleet's jobs. */
export function brokenClusterName(text: string): string | undefined {
  return /^[\w.-]+$/.test(text) && text !== 'all' ? undefined : 'must be the name of one cluster';
}
