import type { ClusterFacts } from './cluster-facts.js';
import type { LeftOut } from './faults.js';
import { excludedNodes, nodesOf } from './requested-partitions.js';
import type { Spec } from './spec.js';

/**
 * The nodes that a job excludes: those of its spec, and nodes on which jobs failed lately, as long as enough others
 * remain. A spec for a single node excludes nothing.
 */
export function nodesToExclude(
  spec: Pick<Spec, 'job' | 'nodes'>,
  cluster: Pick<ClusterFacts, 'nodes'>,
  leftOut: readonly LeftOut[],
): string[] {
  const excluded = excludedNodes(spec, cluster);
  const { nodelist, partition, exclusive } = spec.job.slurm;
  if (spec.job.cluster === 'local' || nodelist.length === 1) return excluded;
  const usable = nodesOf(partition, cluster).filter(({ name }) => !excluded.includes(name));
  const spare = usable.length - (exclusive ? spec.nodes : 1);
  const avoided = leftOut.map(({ node }) => node).filter((node) => usable.some(({ name }) => name === node));
  return [...excluded, ...avoided.slice(0, Math.max(0, spare))];
}
