/** What the gateway's status page shows of a fleet beside the servers in use: the gateway itself does not know it. */
export interface FleetFacts {
  fleet: string;
  version: string;
  generation: number;
  /** Every instance of the fleet, also those without a server. */
  servers: FleetServer[];
  /** Who keeps the fleet, as a sentence; null for nobody. */
  keeper: string | null;
  /** It should be kept, and is not: `keeper` says how to start one. */
  keeper_dead: boolean;
  /** Nodes that get no jobs for a while, each as a sentence. */
  left_out: string[];
  /** What to do about servers that are gone, or what happens to them by itself; null if there are none. */
  next: string | null;
  events: { time: string; text: string; bad: boolean }[];
}

export interface FleetServer {
  instance: number;
  state: string;
  job_id: string | null;
  node: string | null;
  url: string | null;
  /** ISO time since when it is in this state. */
  since: string;
  /** Why it is not ready; null if nobody knows. */
  reason: string | null;
  /** ISO time at which its job's time limit ends. */
  expires_at: string | null;
}
