import type { Method } from '../../bench/methods/method.js';
import { runsOf } from '../../bench/problem.js';
import { rate } from '../../bench/report/units.js';
import { measure } from '../../bench/sweep/measure.js';
import { bestOf, type SweepReport, type SweptServer, sweepText } from '../../bench/sweep/report.js';
import { nextConcurrency } from '../../bench/sweep/steps.js';
import { SandboxctlError } from '../../errors.js';
import type { Context } from '../context.js';
import {
  type EmbeddedName,
  type MethodsOptions,
  openFleet,
  openHere,
  openPool,
  runFirst,
  SERVE_FLAGS,
} from './methods.js';
import type { Dataset } from './problems.js';

/** Milliseconds of load for each step: a run of the usual sets takes some hundredths of a second. */
const WINDOW_MS = 5_000;
/** Programs at once of the embedded server that are tried, as multiples of the CPUs. */
const SLOTS = [1, 2];

interface Candidate {
  open(): Promise<Method>;
  /** What the user must say to get it, with the best concurrency. */
  flags(concurrency: number): string[];
}

/** Tries servers with more and more programs at once, and prints which flags serve best and what that holds. */
export async function sweep(
  context: Context,
  options: MethodsOptions,
  { problems, facts }: Dataset,
  json: boolean,
): Promise<void> {
  const { io, signal } = context;
  const progress = await context.progress();
  const servers: SweptServer[] = [];
  const flags = new Map<string, Candidate['flags']>();
  try {
    for (const candidate of candidatesOf(context, options)) {
      const method = await candidate.open();
      flags.set(method.name, candidate.flags);
      const swept = {
        name: method.name,
        about: method.about,
        cores: method.cores,
        steps: [] as SweptServer['steps'],
      };
      servers.push(swept);
      try {
        await runFirst(method, options.languages, signal);
        for (
          let concurrency = nextConcurrency([]);
          concurrency !== undefined;
          concurrency = nextConcurrency(swept.steps)
        ) {
          if (io.stderr.isTTY) progress.phase(`${method.name}: ${concurrency} at once`);
          const load = { method, problems, runs: runsOf(problems), concurrency, windowMs: WINDOW_MS, signal };
          const step = await measure({ ...load, now: () => performance.now() });
          swept.steps.push(step);
          progress.note(
            `${method.name}: ${concurrency} at once: ${rate(step.runs_per_second)} runs a second`,
          );
        }
      } finally {
        await method.close();
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress.close();
  }
  const best = bestOf(servers);
  const report: SweepReport = {
    schema_version: 1,
    dataset: facts.name,
    complete: !signal.aborted,
    servers,
    best,
  };
  if (json) io.stdout.line(JSON.stringify(report, null, 2));
  else {
    const wanted = best === null ? [] : (flags.get(best.server)?.(best.concurrency) ?? []);
    for (const line of sweepText(report, wanted)) io.stdout.line(line);
  }
  if (best !== null || signal.aborted) return;
  throw new SandboxctlError('refused', {
    what: 'no server ran a program without a failure of its own',
    hint: "'sandboxctl endpoints --check' asks every server of a fleet now",
  });
}

function candidatesOf(context: Context, options: MethodsOptions): Candidate[] {
  const { pools, methods } = options;
  const clientFlags = (servers: number) => (concurrency: number) => [
    `clients: ${concurrency} requests at once, such as verl's reward.sandbox_fusion.max_concurrent=${concurrency}`,
    `gateway: sandboxctl gateway --endpoint-limit ${Math.max(1, Math.ceil(concurrency / servers))}`,
  ];
  if (pools.length > 0 || methods.includes('fleet')) {
    return [
      ...pools.map((pool) => ({
        open: () => openPool(context, pool, options),
        flags: clientFlags(pool.urls.length),
      })),
      ...(methods.includes('fleet')
        ? [{ open: () => openFleet(context, options), flags: clientFlags(1) }]
        : []),
    ];
  }
  return methods.flatMap((name) =>
    name === 'subprocess' || name === 'fleet' ? [] : serversHere(context, name, options),
  );
}

function serversHere(context: Context, name: EmbeddedName, options: MethodsOptions): Candidate[] {
  return SLOTS.map((times) => {
    const slots = options.cores * times;
    return {
      open: async () => ({
        ...(await openHere(context, name, { ...options, concurrency: slots })),
        name: `${name} with ${slots} slots`,
      }),
      flags: () => [`server: sandboxctl serve ${SERVE_FLAGS[name].join(' ')} --max-concurrency ${slots}`],
    };
  });
}
