import { checkClientConfigs } from '../endpoints/client-config.js';
import { type KeepRequest, keeperStore } from '../state/keeper.js';
import { applySpec, interrupted } from './apply-spec.js';
import { chooseFleet } from './choose-fleet.js';
import type { Context } from './context.js';
import { writeClientFiles } from './deploy/client-files.js';
import { confirmChange } from './deploy/confirm-change.js';
import { printPlan } from './deploy/dry-run.js';
import { makeLogFolder } from './deploy/log-folder.js';
import { judgeOutcome } from './deploy/outcome.js';
import { prepare } from './deploy/prepare.js';
import { checkReachableFrom } from './deploy/reachable-from.js';
import { warnMissing } from './deploy/warn-missing.js';
import { warnOpenAccess } from './deploy/warn-open-access.js';
import { fleetHooks, hooksOf, withHooks } from './keep/hooks.js';
import { checkIdleStop, ensureKeeper, keepRequest } from './keep.js';
import { readyUrls, reportReady } from './report-ready.js';
import { withFleet } from './with-fleet.js';

export interface DeployOptions {
  flags: Readonly<Record<string, unknown>>;
}

export async function deploy(context: Context, options: DeployOptions): Promise<void> {
  const resolved = await context.config(options.flags);
  const { config } = resolved;
  const fleet = await chooseFleet(context);
  const reporter = context.reporter({ json: config.json, fleet });
  if (config.dryRun)
    return printPlan(
      context,
      config,
      await prepare(context, resolved, fleet),
      config.json ? reporter : undefined,
    );

  await checkClientConfigs(config.clientConfig);
  const prepared = await prepare(context, resolved, fleet);
  const { store, scheduler } = prepared;
  // Before there are jobs that nobody would stop.
  if (config.keep) checkIdleStop(prepared.spec, config.idleStop, 'here');
  await store.prepare();
  await makeLogFolder(prepared.spec.output);
  const cluster = async () => prepared.cluster;
  const keeper = keeperStore(context.stateFolder, fleet);
  const hooks = hooksOf(config);
  const hooked = fleetHooks(context, keeper, () => hooks);
  const reported = withHooks(reporter, hooked);
  const work = { purpose: 'deploy', store, scheduler, cluster, config, reporter: reported } as const;
  await withFleet(context, work, async (controller) => {
    if (!(await controller.firstAnswer())) throw interrupted(context, fleet);
    const spec = await confirmChange(context, controller.watch, prepared.spec, config.yes);
    if (prepared.secrets !== '') await store.writeEnvironment(spec.hash, prepared.secrets);
    if (spec.job.template !== null) await store.writeTemplate(spec.job.template, prepared.template.body);
    const submitter = { ...prepared, cwd: context.cwd, now: context.clock.now };
    const decision = await applySpec(context, config, controller, { store, spec, submitter });
    if ([...controller.failures.values()].some(({ missingPrerequisite }) => missingPrerequisite))
      await prepared.forgetRuntime();
    await writeClientFiles(config, fleet, controller, decision);
    const { instances } = decision;
    if (config.wait) judgeOutcome(decision, controller.failures, config.minReady ?? spec.nodes, fleet);
    if (config.probeFrom !== null)
      await checkReachableFrom(config.probeFrom, scheduler, controller, instances);
    if (readyUrls(decision).length > 0) warnOpenAccess(controller.advise, spec);
    if (spec.job.runtime === 'embedded') await warnMissing(controller.advise, instances);
    reportReady(context, controller, decision, { reporter: reported, json: config.json });
  }).finally(hooked.flush);
  const { idle, ...again } = (await keeper.readRequest()) ?? {};
  if (!config.keep && idle === undefined) return;
  const kept = { store, keeper, scheduler, spec: prepared.spec };
  const wanted = config.keep ? await keepRequest(context, kept, resolved) : (again as KeepRequest);
  await ensureKeeper(context, kept, wanted);
}
