import type { ClusterFacts } from '../../src/fleet/cluster-facts.js';

const up = { availability: 'up', minNodes: 1 };

/** A cluster with the guide's partition and one for what is short and shares nodes. */
export const CLUSTER: ClusterFacts = {
  nodes: [],
  partitions: [
    { name: 'cpuonly', isDefault: true, timeLimit: null, ...up },
    { name: 'io', isDefault: false, timeLimit: 3_600, ...up },
  ],
  maxArraySize: 1001,
  name: 'east',
  needsAccount: false,
};
