import type { Config } from '../config/settings.js';
import type { FleetController } from '../control/fleet-controller.js';
import { checkClientConfigs } from '../endpoints/client-config.js';
import { SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import type { Decision } from '../fleet/decide.js';
import type { Facts } from '../fleet/facts.js';
import { allProbed, allSubmitted, isFinished, surplusStopping } from '../fleet/finished.js';
import { planLine } from '../fleet/plan-line.js';
import type { Spec } from '../fleet/spec.js';
import { keeperStore } from '../state/keeper.js';
import type { FleetStore } from '../state/store.js';
import { chooseFleet } from './choose-fleet.js';
import type { Context } from './context.js';
import { writeClientFiles } from './deploy/client-files.js';
import { confirmChange } from './deploy/confirm-change.js';
import { printPlan } from './deploy/dry-run.js';
import { makeLogFolder } from './deploy/log-folder.js';
import { judgeOutcome } from './deploy/outcome.js';
import { type Prepared, prepare } from './deploy/prepare.js';
import { checkReachableFrom } from './deploy/reachable-from.js';
import { warnMissing } from './deploy/warn-missing.js';
import { warnOpenAccess } from './deploy/warn-open-access.js';
import { ensureKeeper } from './keep.js';
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
    return printPlan(context, await prepare(context, resolved, fleet), config.json ? reporter : undefined);

  await checkClientConfigs(config.clientConfig);
  const prepared = await prepare(context, resolved, fleet);
  const { store, scheduler } = prepared;
  await store.prepare();
  await makeLogFolder(prepared.spec.output);
  const cluster = async () => prepared.cluster;
  const work = { purpose: 'deploy', store, scheduler, cluster, config, reporter } as const;
  await withFleet(context, work, async (controller) => {
    if (!(await controller.firstAnswer())) throw interrupted(context, fleet);
    const spec = await confirmChange(context, controller.watch, prepared.spec, config.yes);
    const decision = await startServers(context, config, prepared, controller, spec);
    await writeClientFiles(config, fleet, controller, decision);
    const { instances } = decision;
    if (config.wait) judgeOutcome(decision, controller.failures, config.minReady ?? spec.nodes, fleet);
    if (config.probeFrom !== null)
      await checkReachableFrom(config.probeFrom, scheduler, controller, instances);
    const urls = readyUrls(decision);
    if (urls.length > 0) warnOpenAccess(controller.emit, spec);
    if (spec.job.runtime === 'embedded') await warnMissing(controller.emit, instances);
    const ready = instances.filter((view) => view.state === 'ready').length;
    controller.emit({ type: 'result', reason: `${ready} ready`, data: { exit_code: 0, urls } });
    reporter.close();
    if (!config.json) for (const url of urls) context.io.stdout.line(url);
  });
  if (config.keep) {
    const keeper = keeperStore(context.stateFolder, fleet);
    await ensureKeeper(context, { config, store, keeper, scheduler, spec: prepared.spec });
  }
}

/** Records the spec, submits what is missing, cancels what is surplus, and waits as long as the user asked for. */
async function startServers(
  context: Context,
  config: Config,
  prepared: Prepared,
  controller: FleetController,
  spec: Spec,
): Promise<Decision> {
  const { watch } = controller;
  const before = watch.spec();
  await controller.confirmLock();
  if (prepared.secrets !== '') await prepared.store.writeEnvironment(spec.hash, prepared.secrets);
  if (spec.job.template !== null)
    await prepared.store.writeTemplate(spec.job.template, prepared.template.body);
  await prepared.store.writeSpec(spec);
  controller.emit({
    type: 'plan',
    reason: planLine(spec, watch.keptServers(spec)),
    data: { nodes: spec.nodes, generation: spec.generation },
  });

  const submitter = { ...prepared, cwd: context.cwd, now: context.clock.now };
  const isSubmitted = (decision: Decision, facts: Facts) =>
    allSubmitted(decision) && allProbed(decision, facts) && watch.unconfirmed().length === 0;
  const until = config.wait ? isFinished(config, context.clock.now) : isSubmitted;
  const decision = await controller
    .run({ spec, submitter, until })
    .catch((error: unknown) => rollback(prepared.store, controller, { before, spec }, error));
  if (context.signal.aborted) throw interrupted(context, spec.fleet);
  if ([...controller.failures.values()].some(({ missingPrerequisite }) => missingPrerequisite))
    await prepared.forgetRuntime();
  return decision;
}

/**
 * Undoes a change that failed before Slurm took it: the earlier spec is restored, jobs of a part that was accepted
 * are cancelled. Rethrows the error.
 */
async function rollback(
  store: FleetStore,
  controller: FleetController,
  { before, spec }: { before: Spec | undefined; spec: Spec },
  error: unknown,
): Promise<never> {
  const kind = error instanceof SandboxctlError ? error.kind : undefined;
  const sent = [...controller.watch.submissions.values()].some(
    ({ generation, closed }) => generation === spec.generation && !closed,
  );
  if (kind === 'locked' || (sent && kind !== 'refused')) throw error;
  const { gateway: _, ...servers } = spec;
  const kept = before ?? { ...servers, nodes: 0 };
  try {
    await store.writeSpec(kept);
    const until = (now: Decision, facts: Facts) => surplusStopping(now) && allProbed(now, facts);
    if (kind === 'refused') await controller.run({ spec: kept, until });
  } catch (again) {
    if (!isUnwritable(again)) throw again;
  }
  throw error;
}

function readyUrls({ instances, gateway }: Decision): string[] {
  if (gateway?.state === 'ready' && gateway.url !== null) return [gateway.url];
  return instances.flatMap(({ state, url }) => (state === 'ready' && url !== null ? [url] : []));
}

function interrupted(context: Context, fleet: string): SandboxctlError {
  const reason: unknown = context.signal.reason;
  return new SandboxctlError(reason instanceof SandboxctlError ? reason.kind : 'interrupted', {
    what: `deploy of fleet ${fleet} was interrupted; the submitted jobs keep running`,
    hint: `run 'sandboxctl deploy' again to continue, or 'sandboxctl stop --fleet ${fleet}' to cancel the jobs`,
  });
}
