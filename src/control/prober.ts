import type { Probed, Registered } from '../fleet/facts.js';
import type { Probe } from './probe.js';

/** Interval of health checks until a server is ready: short, since a user waits. */
const STARTING_INTERVAL_MS = 100;
const READY_INTERVAL_MS = 10_000;
/** Failed health checks in a row after which a server counts as out of reach. */
const MAX_FAILURES = 3;
/** Health checks under way at once, over the whole fleet. */
const MAX_CONCURRENT = 64;

interface Target {
  probed: Probed;
  failures: number;
  credentials: string;
  busy: boolean;
  nextAt: number;
}

/** Sends health checks to every registered server, each on its own clock, without a call to the scheduler. */
export function prober(deps: {
  probe: Probe;
  probeGateway: Probe;
  now: () => number;
  urlOf: (registered: Registered) => string;
  signal: AbortSignal;
  onChange: () => void;
}) {
  const targets = new Map<string, Target>();
  let underWay = 0;

  return {
    /** Starts the health checks that are due and returns the results so far; does not wait. */
    tick(registrations: ReadonlyMap<string, Registered>): ReadonlyMap<string, Probed> {
      for (const registered of registrations.values()) {
        const target = targetOf(registered);
        const due = registered.port !== 0 && registered.state !== 'gone' && deps.now() >= target.nextAt;
        if (due && !target.busy && underWay < MAX_CONCURRENT) void send(registered, target);
      }
      for (const id of targets.keys()) if (!registrations.has(id)) targets.delete(id);
      return new Map([...targets].map(([id, target]) => [id, target.probed]));
    },
  };

  function targetOf(registered: Registered): Target {
    const known = targets.get(registered.jobId);
    // A requeued job keeps its id but has another nonce: earlier results are from the run before.
    const credentials = `${registered.nonce} ${registered.secret ?? ''}`;
    if (known !== undefined && known.credentials === credentials) return known;
    const fresh = {
      probed: { reachable: null, reason: '' },
      failures: 0,
      credentials,
      busy: false,
      nextAt: 0,
    };
    targets.set(registered.jobId, fresh);
    return fresh;
  }

  async function send(registered: Registered, target: Target): Promise<void> {
    target.busy = true;
    underWay += 1;
    const probe = registered.instance === 'gateway' ? deps.probeGateway : deps.probe;
    const began = deps.now();
    const result = await probe(deps.urlOf(registered), registered, deps.signal);
    underWay -= 1;
    target.busy = false;
    const { reachable: before } = target.probed;
    target.failures = result.ok ? 0 : target.failures + 1;
    if (result.ok) target.probed = { reachable: true, reason: '', provenAt: began };
    else if (registered.state === 'starting') {
      // It has not bound its port yet, or another server answers there: not a failure of our server.
      target.failures = 0;
      target.probed = { ...target.probed, reason: result.reason };
    } else {
      // A silent server has used up its time; one that was ready before may be busy.
      const silent = result.silent === true;
      const enough = target.failures >= MAX_FAILURES || (silent && before === null);
      target.probed = {
        reachable: enough ? false : before,
        reason: result.reason,
        ...(silent ? { silent } : {}),
      };
    }
    if (target.probed.reachable !== before) deps.onChange();
    target.nextAt =
      deps.now() +
      (result.ok
        ? READY_INTERVAL_MS
        : target.probed.reachable === null
          ? STARTING_INTERVAL_MS
          : READY_INTERVAL_MS / 10);
  }
}
