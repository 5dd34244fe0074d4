import { createHash } from 'node:crypto';
import { isObject, parseObject } from '../text/json-object.js';
import type { Slot } from './slot.js';

/** A variable of the server's environment. For a secret, the spec holds only a digest. */
export type EnvEntry = { key: string; value: string } | { key: string; secret: string };

/** This machine, the default Slurm cluster, or one that is selected by name (sbatch -M). */
export type ClusterName = 'slurm' | 'local' | `slurm:${string}`;

/** The cluster's name for -M; undefined for the default cluster. */
export function slurmName(cluster: ClusterName): string | undefined {
  return cluster.startsWith('slurm:') ? cluster.slice('slurm:'.length) : undefined;
}

export type RuntimeName = 'pyxis' | 'enroot' | 'checkout' | 'embedded';

export interface Checkout {
  path: string;
  /** Its git commit, since a new commit is a new server; null outside a git repository. */
  head: string | null;
  /** Its conda environment, by name or absolute path; null for the one that the job detects. */
  environment: string | null;
}

/** Everything that defines a job. Any change of it needs a new job. */
export interface JobSpec {
  /** Where the job runs. Left out for Slurm, so that specs and hashes of older versions stay valid. */
  cluster?: Exclude<ClusterName, 'slurm'>;
  runtime: RuntimeName | 'gateway';
  /** Null if the runtime needs none. */
  image: { path: string; sha256: string } | null;
  checkout?: Checkout;
  isolation?: 'lite' | 'none';
  /** The user chose the isolation, so a node that lacks part of it is refused. Left out for the default. */
  isolationAsked?: true;
  slurm: {
    partition: string;
    nodelist: string[];
    exclude: string[];
    /** As sbatch takes it. */
    time: string;
    cpusPerTask: number | null;
    mem: string | null;
    exclusive: boolean;
    account: string | null;
    qos: string | null;
    constraint: string | null;
    reservation: string | null;
    args: string[];
  };
  port: number;
  portRange: { first: number; last: number };
  workers: number | 'auto';
  env: EnvEntry[];
  mounts: string[];
  endpointHost: string;
  /** Digest of the user's own template; null for ours. */
  template: string | null;
}

/** The gateway of a fleet: `here`, on the machine of the call, or a `job` of its own. */
export interface GatewaySpec {
  where: 'here' | 'job';
  hash: string;
  job: JobSpec;
}

/** What the user asked for. It is stored in spec.json and, as a comment line, in every script. */
export interface Spec {
  schema_version: 1;
  fleet: string;
  generation: number;
  nodes: number;
  /** Whether the number comes from a file, not from a flag or variable. No part of the hash. */
  nodesByFile?: true;
  hash: string;
  job: JobSpec;
  /** Absolute log file pattern; an output, so no part of the hash. */
  output: string;
  logCap: number;
  /** Longest wait for the runs of a server that is to end. Seconds. No part of the hash; left out by versions without it. */
  drain?: number;
  /** Left out if there is none. No part of the servers' hash. */
  gateway?: GatewaySpec;
  /** How jobs are replaced. No part of the hash; left out by versions without it. */
  upkeep?: Upkeep;
  /** Servers of an earlier generation are to be replaced, as `renew` asks. */
  freshFrom?: number;
}

/** How jobs are replaced while the fleet serves. Left out: the default (replacement.ts). */
export interface Upkeep {
  /** Servers that may run in addition during a replacement. */
  maxSurge?: number;
  /** Servers that may be missing during a replacement. */
  maxUnavailable?: number;
  /** Seconds before its time limit at which a job is replaced at the latest. */
  renewBefore?: number;
  /** Seconds for which both health checks of a server must fail before it is replaced. */
  wedgedAfter?: number;
}

/** The part of a spec that the loop needs. `job` and `output` are unknown if a fleet's spec is lost. */
export type Target = Pick<Spec, 'fleet' | 'generation' | 'nodes' | 'hash'> &
  Partial<Pick<Spec, 'job' | 'output' | 'gateway' | 'upkeep' | 'freshFrom'>>;

/** A target without servers, to stop every job of a fleet whose spec is lost. */
export function emptyTarget(fleet: string): Target {
  return { fleet, generation: 0, nodes: 0, hash: '' };
}

/** Every slot that needs a job. A fleet without servers needs no gateway. */
export function slots({ nodes, gateway }: Pick<Spec, 'nodes' | 'gateway'>): Slot[] {
  const servers = Array.from({ length: nodes }, (_, instance) => instance);
  return gateway === undefined || nodes === 0 ? servers : [...servers, 'gateway'];
}

/** Undefined for the gateway of a fleet without one. */
export function slotHash({ hash, gateway }: Pick<Spec, 'hash' | 'gateway'>, slot: Slot): string | undefined {
  return slot === 'gateway' ? gateway?.hash : hash;
}

/** The spec with the job of this slot: the gateway has a job spec and a hash of its own. */
export function slotSpec(spec: Spec, slot: Slot): Spec {
  return slot === 'gateway' && spec.gateway !== undefined ? { ...spec, ...spec.gateway } : spec;
}

/**
 * The number of servers that a fleet is to have. A number from a file may be older than the fleet, such as one that
 * `init` wrote, so it shrinks a fleet only if the fleet's number came from a file, too.
 */
export function effectiveCount(asked: Count, there: Count): Count {
  if (asked.nodesByFile !== true || there.nodesByFile === true || there.nodes <= asked.nodes) return asked;
  return { nodes: there.nodes };
}

type Count = Pick<Spec, 'nodes' | 'nodesByFile'>;

/** The port that an instance's job tries first: servers that share a machine have different ones. */
export function firstPort(job: JobSpec, instance: number): number {
  return job.cluster === 'local' ? job.port + instance : job.port;
}

/** 16 hex digits: enough to tell specs of one fleet apart, short enough to read. */
const HASH_DIGITS = 16;

/** Includes the image's content, not its path: a moved image needs no new job. */
export function hashJob({ image, ...job }: JobSpec): string {
  const what = canonical({ ...job, image: image?.sha256 ?? null });
  return createHash('sha256').update(what).digest('hex').slice(0, HASH_DIGITS);
}

/** Enough of a digest to detect that a secret changed, too little to confirm a guess of it. */
export function secretDigest(key: string, value: string): string {
  return createHash('sha256').update(`${key}\0${value}`).digest('hex').slice(0, 8);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

const SPEC_LINE = '# sandboxctl-spec: ';

/** The comment line that makes a script carry its own spec. JSON has no raw line break, so it is one line. */
export function specLine(spec: Spec, submission: SubmissionTag): string {
  return `${SPEC_LINE}${JSON.stringify({ spec, submission })}`;
}

export interface SubmissionTag {
  id: string;
  offset: number;
}

export function parseSpecLine(script: string): { spec: Spec; submission: SubmissionTag } | undefined {
  const line = script.split('\n').find((text) => text.startsWith(SPEC_LINE));
  const carried = parseObject(line?.slice(SPEC_LINE.length));
  if (carried === undefined || !isSpec(carried.spec) || !isObject(carried.submission)) return undefined;
  return carried as { spec: Spec; submission: SubmissionTag };
}

/** What is wrong with a text that should be the spec of this fleet; undefined for a good one. */
export function specMistake(text: string, fleet: string): string | undefined {
  if (text.trim() === '') return 'it is empty';
  const value = parseObject(text);
  if (value === undefined) return 'it is not a JSON object';
  if (!isSpec(value)) return 'fields of a spec are missing';
  return value.fleet === fleet ? undefined : `it is the spec of fleet ${value.fleet}`;
}

/** The schema version of a spec that a newer version of sandboxctl wrote; undefined for any other text. */
export function newerSchema(text: string): number | undefined {
  const version = parseObject(text)?.schema_version;
  return typeof version === 'number' && version > SCHEMA_VERSION ? version : undefined;
}

const SCHEMA_VERSION = 1;

const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

function isSpec(value: unknown): value is Spec {
  if (!isObject(value) || value.schema_version !== SCHEMA_VERSION) return false;
  const { fleet, hash, output, nodes, generation, gateway } = value;
  const texts = [fleet, hash, output].every((each) => typeof each === 'string');
  if (!texts || !isCount(nodes) || !isCount(generation) || !isJob(value.job)) return false;
  return gateway === undefined || (isObject(gateway) && isJob(gateway.job));
}

function isJob(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.slurm) || !isObject(value.portRange)) return false;
  const { runtime, port, env, mounts, slurm } = value;
  const lists = [mounts, slurm.nodelist, slurm.exclude, slurm.args].every(isTextList);
  return typeof runtime === 'string' && isCount(port) && Array.isArray(env) && lists;
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
