export interface NodeFact {
  name: string;
  address: string;
  partition: string;
  cpus: number;
  /** Megabytes. */
  memory: number;
  gpus: number;
  /** The scheduler's state, such as idle or down*. */
  state: string;
}

export interface PartitionFact {
  name: string;
  isDefault: boolean;
  /** Seconds; null for no limit. */
  timeLimit: number | null;
  availability: string;
  minNodes: number;
}

export interface ClusterFacts {
  nodes: NodeFact[];
  partitions: PartitionFact[];
  /** Below 2 if arrays are disabled. */
  maxArraySize: number;
  /** Null if unknown. */
  name: string | null;
  needsAccount: boolean;
}
