import type { UpstreamAnswer } from './upstream/answer-reader.js';

/** One server that the gateway may use. */
export interface GatewayEndpoint {
  /** Without a slash at its end. */
  url: string;
  /** Runs that it takes at once: its CPUs; null where nobody knows. */
  limit: number | null;
  /** What its canary must print beside the random value; null where nobody knows. */
  nonce: string | null;
  /** Where it runs and which job serves it, to be told. */
  node: string | null;
  jobId: string | null;
}

/** Why a try failed, as a word for counters. */
export type Cause =
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'broken'
  | 'status'
  | 'sandbox_error'
  | 'ejected'
  | 'unverified';

/** What became of a request. */
export type Outcome =
  | { kind: 'answer'; answer: UpstreamAnswer; tries: number }
  /** No endpoint answered it; `refused`: none was even tried, since too many wait. */
  | { kind: 'infra' | 'refused'; reason: string; tries: number };
