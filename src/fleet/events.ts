import type { SandboxctlError } from '../errors.js';
import type { InstanceState } from './instance.js';
import type { Role } from './slot.js';

export type EventType =
  | 'plan'
  | 'submitted'
  | 'instance'
  | 'endpoints'
  | 'gateway'
  | 'keeper'
  | 'warning'
  | 'result';

/** One event of a fleet, as in the live view, the plain log, --json and events.ndjson. */
export interface FleetEvent {
  schema_version: 1;
  /** ISO time. */
  time: string;
  fleet: string;
  type: EventType;
  instance?: number;
  /** Events of older versions have no role. */
  role?: Role;
  job_id?: string | undefined;
  node?: string | undefined;
  state?: InstanceState | undefined;
  reason?: string;
  data?: Record<string, unknown>;
}

export type EventBody = Omit<FleetEvent, 'schema_version' | 'time' | 'fleet'>;

export function failure(error: SandboxctlError): EventBody {
  return {
    type: 'result',
    reason: error.message,
    data: { exit_code: error.exitCode, error: error.toJSON() },
  };
}
