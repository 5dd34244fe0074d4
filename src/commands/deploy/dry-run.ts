import type { Config } from '../../config/settings.js';
import { newSubmissionId, renderFor } from '../../control/submit.js';
import { slotViews } from '../../fleet/decide.js';
import { planSubmissions } from '../../fleet/plan.js';
import { planLine } from '../../fleet/plan-line.js';
import type { Slot } from '../../fleet/slot.js';
import { type Spec, slotHash, slots } from '../../fleet/spec.js';
import { fleetStore } from '../../state/store.js';
import type { Context, Reporter } from '../context.js';
import { observeFleets } from '../observe-fleets.js';
import type { Prepared } from './prepare.js';

/** Prints what `deploy` would submit in addition to the existing jobs. Writes and submits nothing. */
export async function printPlan(
  context: Context,
  config: Config,
  prepared: Prepared,
  reporter: Reporter | undefined,
): Promise<void> {
  const { spec, cluster, store, scheduler } = prepared;
  const { stdout } = context.io;
  const kept = await keptSlots(context, config, spec);
  const missing = slots(spec).filter((slot) => !kept.has(slot));
  const plans = planSubmissions(missing, cluster.maxArraySize, () => newSubmissionId(context.clock.now()));
  const commands = plans.map((plan) => scheduler.submitArgv(store.folders.script(plan.id), plan.array));
  const script = plans.map((plan) => renderFor(prepared, spec, plan)).join('');
  const servers = [...kept].filter((slot) => slot !== 'gateway').length;
  const reason = planLine(spec, servers);
  if (reporter !== undefined) {
    const time = new Date(context.clock.now()).toISOString();
    const data = { nodes: spec.nodes, commands, script };
    reporter.event({ schema_version: 1, time, fleet: spec.fleet, type: 'plan', reason, data });
    return;
  }
  stdout.line(`# plan: ${reason}`);
  if (missing.length === 0) stdout.line('# nothing would be submitted: every server has its job');
  for (const command of commands) stdout.line(`# ${command.join(' ')}`);
  stdout.write(script);
}

/** The slots whose jobs `deploy` would keep; none if the jobs are unknown. */
async function keptSlots(context: Context, config: Config, spec: Spec): Promise<Set<Slot>> {
  if ((await fleetStore(context.stateFolder, spec.fleet).readSpec()) === undefined) return new Set();
  const [seen] = await observeFleets(context, config, spec.fleet).catch(() => []);
  if (seen === undefined || seen.spec === null) return new Set();
  const before = seen.spec;
  const views = slotViews(seen).filter(({ jobId, state }) => jobId !== null && state !== 'gone');
  const kept = views.filter(({ instance }) => slotHash(before, instance) === slotHash(spec, instance));
  return new Set(kept.map(({ instance }) => instance));
}
