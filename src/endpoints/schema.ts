import type { InstanceState } from '../fleet/instance.js';

/** How a client proves itself; the files never hold the token. Null for an open server. */
type Auth = 'bearer' | null;

export interface Gateway {
  url: string;
  node: string | null;
  job_id: string | null;
  state: InstanceState;
  auth: Auth;
}

/** One instance as clients see it. What is not known yet is null: keys are never left out. */
export interface Endpoint {
  instance: number;
  /** `http://HOST:PORT`, without a path and without a slash at its end. */
  url: string | null;
  /** An IPv6 address stands here without brackets. */
  host: string | null;
  port: number | null;
  node: string | null;
  job_id: string | null;
  state: InstanceState;
  /** Whether the machine that wrote the file reached the server; null where nobody asked yet. */
  reachable: boolean | null;
  /** ISO time since when this job is in this state. */
  since: string;
  /** ISO time at which the job's time limit ends; null for none or not known. */
  expires_at: string | null;
  cpus: number | null;
  auth: Auth;
}

/** The endpoints file. Within a schema_version keys are added, never removed or renamed. */
export interface EndpointsFile {
  schema_version: 1;
  fleet: string;
  /** The spec's number. */
  generation: number;
  /** ISO time of the look at the fleet that this file tells. */
  updated_at: string;
  gateway: Gateway | null;
  endpoints: Endpoint[];
  /** Servers that are to end once their runs are over: clients must not use them any more. Missing where there are none. */
  draining?: { job_id: string; url: string }[];
}
