import type { Config } from '../config/settings.js';
import { unreachableFrom } from '../control/probe-from.js';
import { openSession, type Session } from '../control/session.js';
import { submitInstances } from '../control/submit.js';
import { checkClientConfigs } from '../endpoints/client-config.js';
import { SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import type { Lock } from '../files/lock.js';
import type { Decision } from '../fleet/decide.js';
import { failure } from '../fleet/events.js';
import type { Facts } from '../fleet/facts.js';
import type { Spec } from '../fleet/spec.js';
import { chooseFleet } from '../state/choose-fleet.js';
import type { Context } from './context.js';
import { askBeforeChange } from './deploy/ask.js';
import { planLine, printPlan } from './deploy/dry-run.js';
import { makeLogFolder } from './deploy/log-folder.js';
import { judgeOutcome } from './deploy/outcome.js';
import { type Prepared, prepare } from './deploy/prepare.js';
import { allAsked, handedOver, settled, settleRules, surplusEnds } from './deploy/settle.js';
import { tellClients } from './deploy/tell-clients.js';
import { takeFleetLock } from './fleet-lock.js';

export interface DeployOptions {
  flags: Readonly<Record<string, unknown>>;
}

/** From flags to servers that are proven ready: one URL a line on stdout. */
export async function deploy(context: Context, options: DeployOptions): Promise<void> {
  const resolved = await context.config(options.flags);
  const { config } = resolved;
  const fleet = await chooseFleet(context);
  const reporter = context.reporter({ json: config.json, fleet });
  if (config.dryRun)
    return printPlan(context, await prepare(context, resolved, fleet), config.json ? reporter : undefined);

  let lock: Lock | undefined;
  try {
    await checkClientConfigs(config.clientConfig);
    const prepared = await prepare(context, resolved, fleet);
    await prepared.store.prepare();
    await makeLogFolder(prepared.spec.output);
    lock = await takeFleetLock(context, prepared.store, 'deploy');
    const session = await openSession({
      store: prepared.store,
      scheduler: prepared.scheduler,
      clock: context.clock,
      signal: context.signal,
      settleMs: config.settle * 1000,
      drain: config.drain,
      onInterrupt: context.onInterrupt,
      cluster: async () => prepared.cluster,
      lock,
      show: reporter,
    });
    try {
      const { ready, urls } = await bringUp(context, config, prepared, session);
      session.emit({ type: 'result', reason: `${ready} ready`, data: { exit_code: 0, urls } });
      reporter.close();
      if (!config.json) for (const url of urls) context.io.stdout.line(url);
    } catch (error) {
      // What is no error of ours is put into words, and ends --json, where the program ends.
      if (error instanceof SandboxctlError) session.emit(failure(error));
      throw error;
    } finally {
      await session.close();
    }
  } finally {
    reporter.close();
    await lock?.release();
  }
}

async function bringUp(
  context: Context,
  config: Config,
  prepared: Prepared,
  session: Session,
): Promise<{ ready: number; urls: string[] }> {
  const { store } = prepared;
  if (!(await session.firstAnswer())) throw interrupted(context, store.fleet);
  const before = session.watch.spec();
  const spec = await askBeforeChange(context, session.watch, prepared.spec, config.yes);
  await session.confirmLock();
  await keepSpec(prepared, spec);
  session.emit({
    type: 'plan',
    reason: planLine(spec),
    data: { nodes: spec.nodes, generation: spec.generation },
  });

  const rules = settleRules(config);
  const decision = await session
    .run({
      spec,
      submit: (...asked) =>
        submitInstances({ ...prepared, cwd: context.cwd, now: context.clock.now }, spec, ...asked),
      until: config.wait
        ? settled(rules, context.clock.now)
        : (now, facts) => handedOver(now) && allAsked(now, facts) && session.watch.unconfirmed().length === 0,
    })
    .catch((error: unknown) => takeBack(prepared, session, { before, spec }, error));
  if (context.signal.aborted) throw interrupted(context, store.fleet);
  if ([...session.failures.values()].some(({ lacks }) => lacks)) await prepared.disproveRuntime();
  await tellClients(config, store, session, decision);
  if (config.wait) judgeOutcome(decision, session.failures, rules.minReady ?? spec.nodes, store.fleet);
  if (config.probeFrom !== null) await askFrom(config.probeFrom, prepared, session, decision);
  const urls = readyUrls(decision);
  if (urls.length > 0) tellOpenness(session, spec);
  const ready = decision.instances.filter((view) => view.state === 'ready').length;
  return { ready, urls };
}

/**
 * A change that Slurm refuses, or of which nothing got as far as Slurm, is none: the fleet stays what it was, in
 * its files too, and one that was none before stays none. Where it took several sbatch, Slurm may have accepted
 * the first of them: those jobs end.
 */
async function takeBack(
  { store }: Prepared,
  session: Session,
  { before, spec }: { before: Spec | undefined; spec: Spec },
  error: unknown,
): Promise<never> {
  const kind = error instanceof SandboxctlError ? error.kind : undefined;
  const sent = [...session.watch.intents.values()].some(
    ({ generation, closed }) => generation === spec.generation && !closed,
  );
  if (kind === 'locked' || (sent && kind !== 'refused')) throw error;
  const { gateway: _, ...servers } = spec;
  const kept = before ?? { ...servers, nodes: 0 };
  try {
    await store.writeSpec(kept);
    const until = (now: Decision, facts: Facts) => surplusEnds(now) && allAsked(now, facts);
    if (kind === 'refused') await session.run({ spec: kept, until });
  } catch (again) {
    if (!isUnwritable(again)) throw again;
  }
  throw error;
}

async function askFrom(
  partition: string,
  prepared: Prepared,
  session: Session,
  decision: Decision,
): Promise<void> {
  const ready = decision.instances.filter((view) => view.state === 'ready');
  const { registrations } = await session.watch.look();
  const missed = await unreachableFrom(prepared.scheduler, partition, ready, registrations);
  if (missed.length === 0) {
    session.emit({
      type: 'endpoints',
      reason: `all ${ready.length} answer a node of partition ${partition} too`,
    });
    return;
  }
  throw new SandboxctlError('refused', {
    what: `${missed.length} of ${ready.length} servers cannot be reached from partition ${partition}`,
    words: missed.map((view) => view.url).join(' '),
    hint: 'another --endpoint-host may be reachable from there, such as ip or interface:NAME; or ask for the ports to be opened',
  });
}

async function keepSpec(prepared: Prepared, spec: Spec): Promise<void> {
  if (prepared.secrets !== '') await prepared.store.writeEnvironment(spec.hash, prepared.secrets);
  await prepared.store.writeSpec(spec);
}

/** The protocol has no password of its own, so whoever reaches a node can run programs on it. */
function tellOpenness(session: Session, { job }: Spec): void {
  const alone = job.cluster === 'local' && job.endpointHost === 'nodeaddr';
  const who = alone
    ? 'every user of this machine can run code'
    : 'whoever reaches these nodes can run code on them';
  session.emit({ type: 'warning', reason: `${who}, no password asked (docs/security.md)` });
  if (job.isolation === 'none') {
    session.emit({ type: 'warning', reason: 'isolation none: every program may do all that you may' });
  }
}

/** The gateway's alone where there is one: what clients are to use. */
function readyUrls(decision: Decision): string[] {
  const { gateway } = decision;
  if (gateway?.state === 'ready' && gateway.url !== null) return [gateway.url];
  return decision.instances.flatMap((view) =>
    view.state === 'ready' && view.url !== null ? [view.url] : [],
  );
}

function interrupted(context: Context, fleet: string): SandboxctlError {
  const reason: unknown = context.signal.reason;
  return new SandboxctlError(reason instanceof SandboxctlError ? reason.kind : 'interrupted', {
    what: `deploy of fleet ${fleet} was interrupted; what was submitted stays`,
    hint: `'sandboxctl deploy' goes on where this stopped, 'sandboxctl stop --fleet ${fleet}' ends the jobs`,
  });
}
