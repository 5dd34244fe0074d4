import type { ChildProcess } from 'node:child_process';
import type { ExecuteOptions, Result } from './execute.js';

export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

export interface Node {
  name: string;
  address: string;
  cpus: number;
}

export interface ClusterOptions {
  /** Lower-case letters and digits, at most 16; made up where not given. */
  name?: string;
  /** 1 to 250, default 4. */
  nodes?: number;
  /** Declared CPUs of node i (from 1), even numbers; by default 96, 64, 96, 32 and again. */
  cpus?: (i: number) => number;
  /** false: what the nodes' ports 8080-8180 send to the login side is dropped, so connecting hangs. */
  reachable?: boolean;
  /** false: node names stand in no hosts file, Slurm knows the nodes by NodeAddr only. */
  namesResolve?: boolean;
  /**
   * slurmdbd over a mariadb of the cluster's own; submissions need an account: `research` has both users.
   * Or a cluster that has one: it is shared, and each of the two can be asked from the other (-M).
   */
  accounting?: boolean | Cluster;
  /** false: MaxArraySize=0, Slurm refuses job arrays. */
  arrays?: boolean;
  /** More lines for slurm.conf. */
  config?: string[];
  /** More PartitionName lines beside cpuonly (the default), short (MaxTime=60) and down. */
  partitions?: string[];
  /** Lines of plugstack.conf; pyxis is loaded like that. */
  plugins?: string[];
  /** Lines of /etc/enroot/enroot.conf, on the nodes and the login side; none where not given. */
  enrootConf?: readonly string[];
  /** Folders put first on the PATH of slurmd, and of the login side unless loginPath is given. */
  nodePath?: string[];
  loginPath?: string[];
  /**
   * Seconds for which the login side and each node remember the shared folder's attributes, names and
   * missing names, each for itself, as NFS clients do (nfs/view.c tells how near that comes).
   */
  sharedRemembered?: number;
  /** Environment of slurmd. */
  nodeEnv?: Record<string, string>;
  /** Default true: the cluster goes down when this process ends, however it ends. */
  tied?: boolean;
}

export interface RunOptions extends ExecuteOptions {
  /** Default: the first of the cluster's users. */
  user?: User | 'root' | undefined;
}

export interface Daemon {
  kill(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

export interface Controller extends Daemon {
  pid(): number;
  freeze(): void;
  thaw(): void;
}

export interface Cluster {
  name: string;
  /** The cluster's own folder, root's; the nodes see it too. */
  folder: string;
  /** The one folder meant to be shared: the users' homes lie below it. Here it is always as it is now. */
  shared: string;
  /** The login side's address as the nodes see it. */
  address: string;
  users: [User, User];
  nodes: Node[];
  /** What a login shell of this cluster has: SLURM_CONF and PATH. */
  env: Record<string, string>;
  /** From the login side, as an ordinary user, with a built environment (`env` is added to it). */
  run(argv: readonly string[], options?: RunOptions): Promise<Result>;
  /** The same, streaming: child.pid is the program's own pid and the id of its process group. */
  spawn(argv: readonly string[], options?: RunOptions): ChildProcess;
  /** On a node. There child.pid of a spawn would be nsenter's, so this one only runs to the end. */
  onNode(node: string, argv: readonly string[], options?: RunOptions): Promise<Result>;
  controller: Controller;
  slurmd(node: string): Daemon;
  /** Cuts or restores the way from the login side to a node's ports 8080-8180 (or those given). */
  reach(node: string, reachable: boolean, ports?: string): Promise<void>;
  /** Power off: every process of the node is gone at once. It comes back by `boot`. */
  crash(node: string): Promise<void>;
  boot(node: string): Promise<void>;
  /** Waits until all nodes (or those given) are idle, allocated or mixed. */
  ready(nodes?: string[]): Promise<void>;
  /** Leaves no process, namespace, mount, link or folder; may be called twice. */
  down(): Promise<void>;
}
