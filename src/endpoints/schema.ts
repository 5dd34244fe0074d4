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

export interface Endpoint {
  instance: number;
  /** `http://HOST:PORT`, without a path and without a slash at its end. */
  url: string | null;
  host: string | null;
  port: number | null;
  node: string | null;
  job_id: string | null;
  state: InstanceState;
  /** Whether the machine that wrote the file reached the server; null if it has not tried yet. */
  reachable: boolean | null;
  since: string;
  expires_at: string | null;
  cpus: number | null;
  auth: Auth;
}

/** The endpoints file. Within a schema_version keys are added, never removed or renamed. */
export interface EndpointsFile {
  schema_version: 1;
  fleet: string;
  generation: number;
  /** ISO time of the observation that this file contains. */
  updated_at: string;
  gateway: Gateway | null;
  endpoints: Endpoint[];
  /** Servers that are to end once their runs are over: clients must not use them any more. Missing where there are none. */
  draining?: { job_id: string; url: string }[];
}
