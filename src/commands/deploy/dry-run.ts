import { newSubmissionId, renderFor } from '../../control/submit.js';
import { planSubmissions } from '../../fleet/plan.js';
import { planLine } from '../../fleet/plan-line.js';
import { slots } from '../../fleet/spec.js';
import type { Context, Reporter } from '../context.js';
import type { Prepared } from './prepare.js';

/** Writes and submits nothing. */
export function printPlan(context: Context, prepared: Prepared, reporter: Reporter | undefined): void {
  const { spec, cluster, store, scheduler } = prepared;
  const { stdout } = context.io;
  const plans = planSubmissions(slots(spec), cluster.maxArraySize, () =>
    newSubmissionId(context.clock.now()),
  );
  const commands = plans.map((plan) => scheduler.submitArgv(store.folders.script(plan.id), plan.array));
  const script = plans.map((plan) => renderFor(prepared, spec, plan)).join('');
  const reason = planLine(spec);
  if (reporter !== undefined) {
    const time = new Date(context.clock.now()).toISOString();
    const data = { nodes: spec.nodes, commands, script };
    reporter.event({ schema_version: 1, time, fleet: spec.fleet, type: 'plan', reason, data });
    return;
  }
  stdout.line(`# plan: ${reason}`);
  for (const command of commands) stdout.line(`# ${command.join(' ')}`);
  stdout.write(script);
}
