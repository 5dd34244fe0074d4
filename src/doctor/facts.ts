import type { CheckoutFacts } from '../checkout/facts.js';
import type { Config } from '../config/settings.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { ClusterPolicy } from '../fleet/cluster-policy.js';
import type { ClusterName, RuntimeName } from '../fleet/spec.js';
import type { MachineFacts } from './machine-facts.js';

/** What a deploy would be given now. */
export interface Setup {
  config: Config;
  /** Where its jobs would run. */
  place: ClusterName;
  /** Why Slurm is not asked; null where it is. */
  noSlurm: string | null;
  /** The fleet that the user named, all that the state folder has, and the one that left-out settings are taken from. */
  named: string | null;
  known: readonly string[];
  like: string | null;
  /** Those whose spec cannot be read, by the path of the spec. */
  unreadable: ReadonlyMap<string, string>;
  stateFolder: string;
  /** Path of sandboxctl's own program. */
  program: string;
}

export type SlurmFacts =
  /** This machine has none, or this machine was asked for. */
  | { kind: 'none'; why: string }
  | { kind: 'silent'; words: string }
  | {
      kind: 'answers';
      /** Of the first question. */
      seconds: number;
      /** This machine, as Slurm would know it. */
      host: string;
      /** Milliseconds since the epoch. */
      now: number;
      cluster: ClusterFacts;
      policy: ClusterPolicy;
      /** Partitions that this user may use; empty where nobody says. */
      open: readonly string[];
      /** Whether srun here knows --container-image. */
      pyxis: boolean;
      nodelist: readonly string[];
      exclude: readonly string[];
    };

/** The embedded server, as it starts on this machine. */
export type ServerFacts =
  | {
      by: 'bwrap' | 'unshare' | 'none';
      filtered: boolean;
      /** The version in which programs get a cgroup each; null where none can be made. */
      cgroup: 1 | 2 | null;
      languages: readonly string[];
      seconds: number;
      /** Why the first program failed there; null where it ran. */
      canary: string | null;
    }
  /** It does not start: its own words, and whether the seccomp filter is all that is missing. */
  | { refused: string; seccompOnly: boolean };

/** A compute node, by one short job. */
export type NodeFacts =
  | { failed: string; partition: string }
  | {
      partition: string;
      /** Seconds since the epoch, here: when the job was asked for, and when its answer was there. */
      asked: number;
      answered: number;
      facts: MachineFacts;
      /** What the program printed that the servers were asked to run. */
      random: string;
      /** Seconds until the node's file in the state folder was seen here; null where it was not. */
      back: number | null;
    };

export interface ImageFacts {
  /** False where the nodes may lack what unpacks it, and servers then run without one. */
  needed: boolean;
  /** What the configuration calls it. */
  name: string;
  path: string;
  /** Why it cannot be used; null where it is whole. */
  damage: { reason: string; words: string } | null;
  there: boolean;
  /** What its import recorded; null for a file that sandboxctl did not import. */
  record: { digest: string | null; architecture: string; time: string } | null;
  bytes: number;
  /** Files that it holds; null where unsquashfs is missing. */
  files: number | null;
  /** Paths of interest in it. */
  contents: readonly string[];
  /** The Makefile that starts its server; null if it has none, or none that can be read here. */
  makefile: string | null;
}

export interface RegistryFacts {
  host: string;
  /** Without a path. */
  url: string;
  /** Of what an import would bring now. */
  answer: { digest: string; seconds: number } | { words: string; hint: string };
}

export interface EndpointFacts {
  fleet: string;
  instance: string;
  state: string;
  reachable: boolean | null;
  reason: string | null;
  node: string | null;
  url: string | null;
  /** ISO time. */
  expiresAt: string | null;
  cpus: number | null;
  /** Milliseconds that a health check took; null where it failed or was not tried. */
  latencyMs: number | null;
}

export interface FleetFacts {
  fleet: string;
  /** Null where its spec is lost. */
  nodes: number | null;
  runtime: RuntimeName | null;
  partition: string | null;
  endpoints: readonly EndpointFacts[];
  gateway: EndpointFacts | null;
  /** Null where nobody asked for one. */
  keeper: { state: 'alive' | 'waiting' | 'idle' | 'dead'; where: string; problem: string | null } | null;
}

/** What is known, by where it comes from. Each is gathered once, beside the others. */
export interface Facts {
  setup: Setup;
  /** Proxy variables by name, their values without user names and passwords. */
  proxies: ReadonlyMap<string, string>;
  here: MachineFacts;
  /** Null where the servers do not run here, or are others. */
  server: ServerFacts | null;
  node: NodeFacts;
  slurm: SlurmFacts;
  /** Null where the servers need none. */
  image: ImageFacts | null;
  registry: RegistryFacts | null;
  /** Null where the servers need none. */
  checkout: (CheckoutFacts & { makefile: string | null }) | null;
  fleets: readonly FleetFacts[] | { failed: string };
}

export type FactName = keyof Facts;
