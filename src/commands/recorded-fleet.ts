import type { Config } from '../config/settings.js';
import type { FleetController } from '../control/fleet-controller.js';
import { specSubmitter } from '../control/spec-submitter.js';
import { SandboxctlError } from '../errors.js';
import type { Spec } from '../fleet/spec.js';
import { fleetStore } from '../state/store.js';
import { absentFleet } from './absent-fleet.js';
import { applySpec, interrupted } from './apply-spec.js';
import { chooseFleet } from './choose-fleet.js';
import { clusterIn } from './cluster.js';
import type { Context } from './context.js';
import { confirmChange } from './deploy/confirm-change.js';
import { judgeOutcome } from './deploy/outcome.js';
import { reportReady } from './report-ready.js';
import { withFleet } from './with-fleet.js';

export interface RecordedChange {
  purpose: 'scale' | 'renew';
  config: Config;
  change: (before: Spec) => Spec;
}

/** Changes a deployed fleet. Throws kind `absent` if nothing is deployed under its name. */
export async function changeRecordedFleet(context: Context, asked: RecordedChange): Promise<void> {
  const { purpose, config, change } = asked;
  const fleet = await chooseFleet(context);
  const store = fleetStore(context.stateFolder, fleet);
  const recorded = await deployedSpec(context, fleet);
  const reporter = context.reporter({ json: config.json, fleet });
  const scheduler = await context.scheduler(clusterIn(recorded));
  const facts = await scheduler.facts();
  const work = { purpose, store, scheduler, cluster: async () => facts, config, reporter };
  await withFleet(context, work, async (controller: FleetController) => {
    if (!(await controller.firstAnswer())) throw interrupted(context, fleet);
    const before = (await store.readSpec()) ?? recorded;
    const spec = await confirmChange(context, controller.watch, change(before), config.yes);
    const deps = { store, scheduler, cluster: facts, cwd: context.cwd, now: context.clock.now };
    const submitter = await specSubmitter(deps, spec);
    const decision = await applySpec(context, config, controller, { store, spec, submitter });
    if (config.wait) judgeOutcome(decision, controller.failures, spec.nodes, fleet);
    reportReady(context, controller, decision, { reporter, json: config.json });
  });
}

async function deployedSpec(context: Context, fleet: string): Promise<Spec> {
  const spec = await fleetStore(context.stateFolder, fleet).readSpec();
  if (spec === undefined) throw await absentFleet(context.stateFolder, fleet);
  if (spec.nodes > 0) return spec;
  throw new SandboxctlError('absent', {
    what: `fleet ${fleet} is stopped`,
    hint: `'sandboxctl deploy --fleet ${fleet} --nodes N' starts it again`,
  });
}
