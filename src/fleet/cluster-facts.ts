export interface NodeFact {
  name: string;
  address: string;
  partition: string;
  cpus: number;
  /** Megabytes. */
  memory: number;
  gpus: number;
  /** The scheduler's word, such as idle or down*. */
  state: string;
}

export interface PartitionFact {
  name: string;
  isDefault: boolean;
  /** Seconds; null for no limit. */
  timeLimit: number | null;
  availability: string;
  /** The fewest nodes that a job may ask for. */
  minNodes: number;
}

export interface ClusterFacts {
  nodes: NodeFact[];
  partitions: PartitionFact[];
  /** Below 2 where arrays are switched off. */
  maxArraySize: number;
  /** Null where nobody says. */
  name: string | null;
  /** Whether a job must be charged to an account that its user may charge. */
  needsAccount: boolean;
}
