import type { FleetWatch } from '../../control/fleet-watch.js';
import { SandboxctlError } from '../../errors.js';
import { differences, keptCount, type Spec } from '../../fleet/spec.js';
import type { Context } from '../context.js';

/**
 * The spec to work towards, numbered: the one that is there when nothing changes, else its successor.
 * A change that ends jobs is shown and asked about; more nodes only add.
 */
export async function askBeforeChange(
  context: Context,
  watch: FleetWatch,
  asked: Spec,
  yes: boolean,
): Promise<Spec> {
  refuseStrangers(watch);
  const before = watch.spec();
  if (before === undefined) return asked;
  const { nodesByFile: _, ...others } = asked;
  const wanted = { ...others, ...keptCount(asked, before) };
  const spec = { ...wanted, generation: before.generation + 1 };
  const live = [...watch.jobs.belief().values()].filter((job) => !job.gone).length;
  const sameJob = before.hash === wanted.hash;
  const sameGateway = before.gateway?.hash === wanted.gateway?.hash;
  if (sameJob && sameGateway && before.nodes === wanted.nodes) {
    // What is no part of the hash is taken over: where the image lies now, and where logs go.
    return { ...wanted, generation: before.generation };
  }
  const addsOnly = sameJob && wanted.nodes >= before.nodes && (sameGateway || before.gateway === undefined);
  if (live === 0 || addsOnly) return spec;
  const { stderr } = context.io;
  stderr.line(`fleet ${wanted.fleet} is there already, and this changes it:`);
  for (const change of differences(before, wanted))
    stderr.line(`  ${change.field}: ${change.from} -> ${change.to}`);
  stderr.line(endsLine(before, wanted, live));
  if (yes || (await context.io.confirm('Go on?'))) return spec;
  throw new SandboxctlError('usage', {
    what: 'nothing was changed',
    hint: "'sandboxctl status' shows the fleet as it is; --fleet names another",
  });
}

function endsLine(before: Spec, wanted: Spec, live: number): string {
  if (before.hash !== wanted.hash) return `All ${live} of its jobs will be replaced.`;
  const lines = [];
  if (before.nodes > wanted.nodes) lines.push(`${before.nodes - wanted.nodes} of its jobs will end.`);
  if (before.gateway !== undefined && before.gateway.hash !== wanted.gateway?.hash) {
    lines.push(`Its gateway will ${wanted.gateway === undefined ? 'end' : 'be replaced'}.`);
  }
  return lines.join(' ');
}

/** Jobs under the fleet's name whose script cannot be read may be what is asked for: a deploy would double them. */
function refuseStrangers(watch: FleetWatch): void {
  const ids = [...watch.jobs.belief().values()]
    .filter((job) => !job.gone && job.fact !== null && !watch.intents.has(job.fact.tag.submission))
    .map((job) => job.id);
  if (ids.length === 0) return;
  throw new SandboxctlError('tool', {
    what: `nobody can say what the jobs of this fleet are: ${ids.join(' ')}`,
    words: `the state folder does not know them, and 'scontrol write batch_script' does not give their script`,
    hint: "try again; 'sandboxctl stop' ends them all",
  });
}
