import type { UpstreamResponse } from './upstream/response-reader.js';

export interface GatewayEndpoint {
  url: string;
  /** Runs that it takes at once, one per CPU; null if unknown. */
  limit: number | null;
  /** What its health check must print beside the random value; null if unknown. */
  nonce: string | null;
  /** By which it proves whose it is, if it is an embedded server of this version; its health check prints no nonce. */
  secret?: string | null | undefined;
  node: string | null;
  jobId: string | null;
}

/** Why an attempt failed: a label of metrics. */
export type Cause =
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'broken'
  | 'status'
  | 'sandbox_error'
  | 'ejected'
  | 'unverified'
  /** The server had no room: not ill health. */
  /** A second attempt was begun beside one that takes long. */
  | 'slow'
  | 'cancelled'
  | 'load'
  /** This process had no descriptor or memory for a connection: not the server's failure. */
  | 'exhausted';

/** Why a request got no answer: `no_slot`: no server was free in time. */
export type FailureCause = Cause | 'no_slot' | 'queue_full' | 'no_memory';

export type Outcome =
  | { kind: 'answer'; answer: UpstreamResponse; tries: number }
  /** `infra`: all attempts failed, or time ran out. `refused`: the queue was full. */
  | { kind: 'infra' | 'refused'; reason: string; tries: number };
