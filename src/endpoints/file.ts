import { messageOf, SandboxctlError } from '../errors.js';
import { readIfThere, writeJson } from '../files/atomic.js';
import type { InstanceState, InstanceView, ServerView } from '../fleet/instance.js';
import { isObject } from '../text/json-object.js';
import type { Endpoint, EndpointsFile, Gateway } from './schema.js';

/** Undefined if there is none. Throws kind `config` for a file that is not an endpoints file. */
export async function readEndpoints(path: string): Promise<EndpointsFile | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  let value: unknown;
  let mistake: string | undefined;
  try {
    value = JSON.parse(text);
    mistake = mistakeIn(value);
  } catch (error) {
    mistake = messageOf(error).replaceAll('\n', ' ');
  }
  if (mistake === undefined) return value as EndpointsFile;
  throw new SandboxctlError('config', {
    what: `${path} is no endpoints file that this sandboxctl can read`,
    detail: mistake,
    hint: "'sandboxctl endpoints --check' asks Slurm and the servers and writes it anew",
  });
}

/** For the holder of the fleet's lock alone. */
export async function writeEndpoints(path: string, file: EndpointsFile): Promise<void> {
  await writeJson(path, file);
}

export function json(file: EndpointsFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readIfThere(path);
  } catch (error) {
    throw new SandboxctlError('config', {
      what: `${path} cannot be read`,
      detail: messageOf(error),
      hint: 'check the folder named by SANDBOXCTL_STATE_DIR and its permissions',
      cause: error,
    });
  }
}

/** Ends are computed from squeue's answer of up to a minute ago: only twice that shows an extended limit. */
const EXPIRY_JITTER_MS = 120_000;

interface SeenFleet {
  instances: readonly ServerView[];
  gateway: InstanceView | null;
  ending?: readonly InstanceView[];
}

/** An endpoint whose job and state did not change keeps its `since`; an expiry that only jitters stays. */
export function buildEndpoints(
  spec: { fleet: string; generation: number },
  { instances, gateway, ending = [] }: SeenFleet,
  nowIso: string,
  previous?: EndpointsFile,
): EndpointsFile {
  const draining = ending.flatMap(({ jobId, url }) =>
    jobId === null || url === null ? [] : [{ job_id: jobId, url }],
  );
  const before = new Map(previous?.endpoints.map((endpoint) => [endpoint.instance, endpoint]));
  return {
    schema_version: 1,
    fleet: spec.fleet,
    generation: spec.generation,
    updated_at: nowIso,
    gateway: gateway === null ? null : gatewayOf(gateway),
    endpoints: instances.map((view) => endpointOf(view, nowIso, before.get(view.instance))),
    ...(draining.length === 0 ? {} : { draining }),
  };
}

/** Null while its address is unknown. */
function gatewayOf({ url, node, jobId, state }: InstanceView): Gateway | null {
  return url === null ? null : { url, node, job_id: jobId, state, auth: null };
}

function endpointOf(view: ServerView, nowIso: string, before: Endpoint | undefined): Endpoint {
  const sameJob = before !== undefined && before.job_id === view.jobId;
  const same = sameJob && before.state === view.state;
  return {
    instance: view.instance,
    url: view.url,
    host: view.host,
    port: view.port,
    node: view.node,
    job_id: view.jobId,
    state: view.state,
    reachable: view.reachable,
    since: same ? before.since : nowIso,
    expires_at: sameJob ? steadyExpiry(before.expires_at, view.expiresAt) : view.expiresAt,
    cpus: view.cpus,
    auth: null,
  };
}

function steadyExpiry(before: string | null, now: string | null): string | null {
  if (before === null || now === null) return now;
  const later = Date.parse(now) - Date.parse(before);
  return later >= 0 && later <= EXPIRY_JITTER_MS ? before : now;
}

type Rule = 'text' | 'text?' | 'number' | 'number?' | 'boolean?' | 'auth?' | 'state';

const STATES: Record<InstanceState, true> = {
  pending: true,
  starting: true,
  ready: true,
  unhealthy: true,
  draining: true,
  gone: true,
};
const FILE_RULES = { fleet: 'text', generation: 'number', updated_at: 'text' } as const;
const GATEWAY_RULES: Record<keyof Gateway, Rule> = {
  url: 'text',
  node: 'text?',
  job_id: 'text?',
  state: 'state',
  auth: 'auth?',
};
const DRAINING_RULES = { job_id: 'text', url: 'text' } as const;
const ENDPOINT_RULES: Record<keyof Endpoint, Rule> = {
  instance: 'number',
  url: 'text?',
  host: 'text?',
  port: 'number?',
  node: 'text?',
  job_id: 'text?',
  state: 'state',
  reachable: 'boolean?',
  since: 'text',
  expires_at: 'text?',
  cpus: 'number?',
  auth: 'auth?',
};

/** One line, undefined for a valid file. By hand, since `endpoints` starts too often to load a schema library. */
function mistakeIn(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is no JSON object';
  if (value.schema_version !== 1)
    return `its schema_version is ${JSON.stringify(value.schema_version)}, not 1`;
  if (!Array.isArray(value.endpoints)) return 'its endpoints are no list';
  const gateway = value.gateway === null ? undefined : broken(value.gateway, GATEWAY_RULES, 'gateway');
  return (
    broken(value, FILE_RULES, '') ??
    gateway ??
    value.endpoints
      .map((endpoint: unknown, index) => broken(endpoint, ENDPOINT_RULES, `endpoints[${index}]`))
      .find((mistake) => mistake !== undefined) ??
    drainingMistake(value.draining ?? [])
  );
}

function drainingMistake(draining: unknown): string | undefined {
  if (!Array.isArray(draining)) return 'draining is no list';
  return draining
    .map((each: unknown, index) => broken(each, DRAINING_RULES, `draining[${index}]`))
    .find((mistake) => mistake !== undefined);
}

function broken(value: unknown, rules: Readonly<Record<string, Rule>>, place: string): string | undefined {
  if (!isObject(value)) return `${place} is no object`;
  const mistake = Object.entries(rules).find(([key, rule]) => !holds(value[key], rule));
  if (mistake === undefined) return undefined;
  const [key] = mistake;
  return `${place === '' ? '' : `${place}.`}${key} is ${JSON.stringify(value[key]) ?? 'missing'}`;
}

function holds(value: unknown, rule: Rule): boolean {
  if (value === null) return rule.endsWith('?');
  if (rule === 'state') return typeof value === 'string' && Object.hasOwn(STATES, value);
  if (rule === 'auth?') return value === 'bearer';
  if (rule === 'boolean?') return typeof value === 'boolean';
  return rule.startsWith('text') ? typeof value === 'string' : Number.isSafeInteger(value);
}
