import { basename } from 'node:path';
import { parseTimeLimit } from '../../config/units.js';
import { newSubmissionId, renderFor } from '../../control/submit.js';
import { planSubmissions } from '../../fleet/plan.js';
import { type Spec, slotsOf, slurmName } from '../../fleet/spec.js';
import type { Context, Reporter } from '../context.js';
import type { Prepared } from './prepare.js';

/**
 * The very script and command lines that a deploy would use, as text or, where a reporter is given, as an
 * event. Nothing is written and nothing submitted.
 */
export function printPlan(context: Context, prepared: Prepared, reporter: Reporter | undefined): void {
  const { spec, cluster, store, scheduler } = prepared;
  const { stdout } = context.io;
  const plans = planSubmissions(slotsOf(spec), cluster.maxArraySize, () =>
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

export function planLine(spec: Spec): string {
  const { cluster, image, runtime, slurm } = spec.job;
  const servers = spec.nodes === 1 ? '1 server' : `${spec.nodes} servers`;
  const named = cluster === undefined ? undefined : slurmName(cluster);
  const whose = named === undefined ? '' : ` of cluster ${named}`;
  const where = cluster === 'local' ? 'on this machine' : `in partition ${slurm.partition}${whose}`;
  const what = image === null ? [] : [`image ${basename(image.path)}`];
  // What is usual is not worth a word.
  const how = runtime === 'pyxis' ? [] : [`runtime ${runtime}`];
  const front = { here: ['a gateway here'], job: ['a gateway in a job of its own'] };
  // A bare number is minutes to Slurm, and 0 no limit.
  const bare = /^\d+$/.test(slurm.time) ? `${slurm.time} min` : slurm.time;
  const time = parseTimeLimit(slurm.time) === null ? 'UNLIMITED' : bare;
  const gateway = spec.gateway === undefined ? [] : front[spec.gateway.where];
  return [`${servers} ${where} for ${time}`, ...what, ...how, ...gateway].join(', ');
}
