import type { InstanceState } from '../fleet/instance.js';

/** How a client proves itself; the files never hold the token. Null for an open server. */
export type Auth = 'bearer' | null;

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
}

/** What may stand under a key: the name of a type, or the words themselves; `null` too where it says so. */
type Rule = { is: 'text' | 'number' | 'boolean' | readonly string[]; orNull?: true };

const STATES = {
  pending: true,
  starting: true,
  ready: true,
  unhealthy: true,
  draining: true,
  gone: true,
} satisfies Record<InstanceState, true>;
const STATE: Rule = { is: Object.keys(STATES) };
const AUTH: Rule = { is: ['bearer'], orNull: true };
const TEXT: Rule = { is: 'text' };
const NUMBER: Rule = { is: 'number' };
const TEXT_OR_NULL: Rule = { is: 'text', orNull: true };
const NUMBER_OR_NULL: Rule = { is: 'number', orNull: true };

const FILE_RULES = { fleet: TEXT, generation: NUMBER, updated_at: TEXT };
const GATEWAY_RULES: Record<keyof Gateway, Rule> = {
  url: TEXT,
  node: TEXT_OR_NULL,
  job_id: TEXT_OR_NULL,
  state: STATE,
  auth: AUTH,
};
const ENDPOINT_RULES: Record<keyof Endpoint, Rule> = {
  instance: NUMBER,
  url: TEXT_OR_NULL,
  host: TEXT_OR_NULL,
  port: NUMBER_OR_NULL,
  node: TEXT_OR_NULL,
  job_id: TEXT_OR_NULL,
  state: STATE,
  reachable: { is: 'boolean', orNull: true },
  since: TEXT,
  expires_at: TEXT_OR_NULL,
  cpus: NUMBER_OR_NULL,
  auth: AUTH,
};

/**
 * What is wrong with a parsed endpoints file, in one line; undefined where nothing is. By hand, since
 * `endpoints` starts too often to load a schema library. Keys that it does not know are let through.
 */
export function mistakeIn(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is no JSON object';
  if (value.schema_version !== 1)
    return `its schema_version is ${JSON.stringify(value.schema_version)}, not 1`;
  if (!Array.isArray(value.endpoints)) return 'its endpoints are no list';
  const gateway = value.gateway === null ? undefined : broken(value.gateway, GATEWAY_RULES, 'gateway');
  return (
    broken(value, FILE_RULES, '') ??
    gateway ??
    value.endpoints
      .map((endpoint: unknown, index) => broken(endpoint, ENDPOINT_RULES, `endpoints[${index}]`))
      .find((mistake) => mistake !== undefined)
  );
}

function broken(value: unknown, rules: Readonly<Record<string, Rule>>, place: string): string | undefined {
  if (!isRecord(value)) return `${place} is no object`;
  const key = Object.keys(rules).find((each) => !holds(value[each], rules[each]));
  if (key === undefined) return undefined;
  return `${place === '' ? '' : `${place}.`}${key} is ${JSON.stringify(value[key]) ?? 'missing'}`;
}

function holds(value: unknown, rule: Rule | undefined): boolean {
  if (rule === undefined || value === null) return rule?.orNull === true;
  if (rule.is === 'text') return typeof value === 'string';
  if (rule.is === 'number') return Number.isSafeInteger(value);
  if (rule.is === 'boolean') return typeof value === 'boolean';
  return typeof value === 'string' && rule.is.includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
