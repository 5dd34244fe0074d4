import { CANARY_TIMEOUT_S, canaryRequest, healthRequest, NONCE_VARIABLE } from '../api/canary.js';
import { parseTimeLimit } from '../config/units.js';
import type { Submission } from '../fleet/plan.js';
import type { Spec } from '../fleet/spec.js';
import { bashQuote } from '../text/quote.js';

const RANDOM_MARK = '@RANDOM@';

export interface JobPaths {
  registrations: string;
  /** The submission's folder: a job that sees it sees the state folder. */
  submission: string;
  /** 0600 file of `export` lines with the caller's secrets. */
  environment: string;
  /** The job checks which of these its node has. */
  program: string;
  nodejs: string;
}

type Quoted = string;

/** What a template can name (docs/templates.md); texts are quoted for the shell, what is not set is null or empty. */
export interface ScriptValues {
  fleet: Quoted;
  generation: number;
  submission: Quoted;
  offset: number;
  nodes: number;
  runtime: Quoted;
  image: Quoted | null;
  isolation: Quoted | null;
  isolationAsked: boolean;
  checkout: Quoted | null;
  checkoutEnv: Quoted | null;
  program: Quoted;
  nodejs: Quoted;
  mounts: Quoted | null;
  mountList: Quoted[];
  port: number;
  portFirst: number;
  portLast: number;
  workers: Quoted;
  endpointHost: Quoted;
  env: { key: string; value: Quoted }[];
  /** Null if no value is kept out of the script. */
  environmentFile: Quoted | null;
  registrations: Quoted;
  submissionFolder: Quoted;
  logHalf: number;
  /** Seconds that the job may run; 0 for no limit. */
  timeLimit: number;
  /** Seconds before that limit at which its server takes no new runs; 0 for never. */
  drainBefore: number;
  canaryBody: Quoted;
  healthBody: Quoted;
  canarySeconds: number;
  nonceVariable: string;
}

export const ITEM_FIELDS = { env: ['key', 'value'] } as const;

export function scriptValues(spec: Spec, submission: Submission, paths: JobPaths): ScriptValues {
  const { job } = spec;
  return {
    fleet: bashQuote(spec.fleet),
    generation: spec.generation,
    submission: bashQuote(submission.id),
    offset: submission.offset,
    nodes: spec.nodes,
    runtime: bashQuote(job.runtime),
    image: job.image === null ? null : bashQuote(job.image.path),
    isolation: job.isolation === undefined ? null : bashQuote(job.isolation),
    isolationAsked: job.isolationAsked === true,
    checkout: job.checkout === undefined ? null : bashQuote(job.checkout.path),
    checkoutEnv: job.checkout?.environment == null ? null : bashQuote(job.checkout.environment),
    program: bashQuote(paths.program),
    nodejs: bashQuote(paths.nodejs),
    mounts: job.mounts.length === 0 ? null : bashQuote(job.mounts.join(',')),
    mountList: job.mounts.map(bashQuote),
    port: job.port,
    portFirst: job.portRange.first,
    portLast: job.portRange.last,
    workers: bashQuote(String(job.workers)),
    endpointHost: bashQuote(job.endpointHost),
    env: job.env.flatMap((entry) =>
      'value' in entry ? [{ key: entry.key, value: bashQuote(entry.value) }] : [],
    ),
    environmentFile: job.env.some((entry) => 'secret' in entry) ? bashQuote(paths.environment) : null,
    registrations: bashQuote(paths.registrations),
    submissionFolder: bashQuote(paths.submission),
    logHalf: Math.floor(spec.logCap / 2),
    timeLimit: timeLimitOf(spec),
    drainBefore: drainBefore(spec),
    canaryBody: bashQuote(JSON.stringify(canaryRequest(RANDOM_MARK))),
    healthBody: bashQuote(JSON.stringify(healthRequest(RANDOM_MARK))),
    canarySeconds: CANARY_TIMEOUT_S,
    nonceVariable: NONCE_VARIABLE,
  };
}

/** Until all gateways know that a server drains: they read registrations every 2 s, and NFS shows files late. Seconds. */
const NEWS_S = 15;

/** Seconds before its time limit at which a server stops taking runs: its drain, but never more than a quarter of the limit. */
export function drainBefore(spec: Spec): number {
  const { drain = 0 } = spec;
  return drain === 0 ? 0 : Math.min(drain + NEWS_S, Math.floor(timeLimitOf(spec) / 4));
}

function timeLimitOf({ job }: Spec): number {
  return parseTimeLimit(job.slurm.time) ?? 0;
}
