import type { FleetWatch } from '../../control/fleet-watch.js';
import { SandboxctlError } from '../../errors.js';
import type { Spec } from '../../fleet/spec.js';
import { changeFrom } from '../../fleet/spec-change.js';
import type { Context } from '../context.js';

/** A change that ends jobs is shown and must be confirmed. Throws kind `usage` if it is not. */
export async function confirmChange(
  context: Context,
  watch: FleetWatch,
  requested: Spec,
  yes: boolean,
): Promise<Spec> {
  rejectUnknownJobs(watch);
  const before = watch.spec();
  if (before === undefined) return requested;
  const live = watch.liveJobs().length;
  const { spec, differences, consequences } = changeFrom(before, requested, live);
  if (consequences === '') return spec;
  const { stderr } = context.io;
  if (differences.length > 0) stderr.line(`fleet ${spec.fleet} exists already, and this changes it:`);
  for (const { field, from, to } of differences) stderr.line(`  ${field}: ${from} -> ${to}`);
  stderr.line(consequences);
  if (yes || (await context.io.confirm('Continue?'))) return spec;
  throw new SandboxctlError('usage', {
    what: 'nothing was changed',
    hint: "'sandboxctl status' shows the fleet as it is; --fleet chooses another name",
  });
}

/** `deploy` could submit these jobs a second time. */
function rejectUnknownJobs(watch: FleetWatch): void {
  const ids = watch.unidentifiedJobs();
  if (ids.length === 0) return;
  throw new SandboxctlError('tool', {
    what: `cannot identify these jobs of the fleet: ${ids.join(' ')}`,
    detail: `they are not in the state folder, and 'scontrol write batch_script' does not return their script`,
    hint: "try again; 'sandboxctl stop' cancels all of them",
  });
}
