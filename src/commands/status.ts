import type { Observation } from '../control/observe.js';
import { slotViews } from '../fleet/decide.js';
import type { InstanceView } from '../fleet/instance.js';
import { slotName, slotNumber } from '../fleet/slot.js';
import { namedFleet } from '../state/choose-fleet.js';
import { listFleets } from '../state/fleets.js';
import { type KeeperStatus, keeperStatus } from '../state/keeper.js';
import { columns } from '../text/columns.js';
import { formatAge } from '../text/duration.js';
import { absentFleet } from './absent-fleet.js';
import type { Context } from './context.js';
import { warnDeadKeeper } from './dead-keeper.js';
import { observeFleets } from './observe-fleets.js';
import { redeploy } from './redeploy.js';

export interface StatusOptions {
  flags: Readonly<Record<string, unknown>>;
}

export async function status(context: Context, options: StatusOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  const fleets = await observeFleets(context, config, namedFleet(context) ?? null);
  const { stdout, stderr } = context.io;
  const named = namedFleet(context);
  if (named !== undefined && fleets.every(isEmpty)) {
    if (!(await listFleets(context.stateFolder)).includes(named))
      throw await absentFleet(context.stateFolder, named);
  }
  if (config.json) {
    const shown = await Promise.all(
      fleets.map(async (each) => ({
        ...toJson(each),
        keeper: keeperJson(await keeperStatus(context.stateFolder, each.fleet, context.clock.now())),
      })),
    );
    stdout.write(`${JSON.stringify({ schema_version: 1, fleets: shown }, null, 2)}\n`);
    return;
  }
  const shown = fleets.filter((fleet) => !isEmpty(fleet));
  if (shown.length === 0) {
    const flag = named === undefined ? '' : ` --fleet ${named}`;
    stderr.line(`nothing is deployed; 'sandboxctl deploy${flag} --nodes N' deploys`);
  }
  for (const [index, fleet] of shown.entries()) {
    if (index > 0) stdout.line('');
    stdout.line(headline(fleet));
    const keeper = await keeperStatus(context.stateFolder, fleet.fleet, context.clock.now());
    if (keeper.state !== 'none') stdout.line(keeperLine(keeper, context.clock.now()));
    await warnDeadKeeper(context, fleet.fleet);
    for (const line of table(fleet, context.clock.now())) stdout.line(line);
    if (fleet.spec !== null && slotViews(fleet).some((view) => view.state === 'gone'))
      stderr.line(redeploy(fleet.fleet, fleet.spec.nodes));
  }
}

function isEmpty({ instances, surplus }: Observation): boolean {
  return instances.length === 0 && surplus.length === 0;
}

function slotRows({ instances, gateway, surplus }: Observation): InstanceView[] {
  const extra = surplus.map((view) => ({ ...view, reason: view.why }));
  return [...slotViews({ instances, gateway }), ...extra];
}

function headline({ fleet, spec, instances }: Observation): string {
  const ready = instances.filter((view) => view.state === 'ready').length;
  const about =
    spec === null
      ? 'its spec is lost'
      : `generation ${spec.generation}, partition ${spec.job.slurm.partition}`;
  return `fleet ${fleet}: ${ready} of ${instances.length} ready (${about})`;
}

const HEADS = ['INSTANCE', 'STATE', 'JOB', 'NODE', 'URL', 'AGE', 'TIME LEFT', 'REASON'];

function table(fleet: Observation, now: number): string[] {
  return columns([HEADS, ...slotRows(fleet).map((view) => row(view, now))]);
}

function row(view: InstanceView, now: number): string[] {
  const left = view.expiresAt === null ? '-' : formatAge((Date.parse(view.expiresAt) - now) / 1000);
  const age = view.startedAt === null ? '-' : formatAge((now - Date.parse(view.startedAt)) / 1000);
  const state = view.state === 'ready' && view.reachable === false ? 'ready, unreachable' : view.state;
  return [
    slotName(view.instance),
    state,
    view.jobId ?? '-',
    view.node ?? '-',
    view.url ?? '-',
    age,
    left,
    view.reason ?? '',
  ];
}

function keeperLine({ record, state }: KeeperStatus, now: number): string {
  if (record === null) return `keeper: ${state}`;
  const age = (time: string) => formatAge((now - Date.parse(time)) / 1000);
  const where = record.job_id === null ? `pid ${record.pid} on ${record.host}` : `job ${record.job_id}`;
  const last =
    record.looked_at === null
      ? 'has not reached the scheduler yet'
      : `last looked ${age(record.looked_at)} ago`;
  const problem = record.problem === null ? '' : `; last round failed: ${record.problem}`;
  return `keeper: ${state}, ${where}, since ${age(record.since)}, ${last}${problem}`;
}

function keeperJson({ record, state }: KeeperStatus) {
  if (state === 'none') return null;
  const { schema_version: _, ...fields } = record ?? { schema_version: 1 };
  return { state, ...fields };
}

function toJson({ fleet, spec, instances, gateway, surplus }: Observation) {
  return {
    fleet,
    generation: spec?.generation ?? null,
    nodes: spec?.nodes ?? null,
    partition: spec?.job.slurm.partition ?? null,
    image: spec?.job.image ?? null,
    gateway: gateway === null ? null : instanceJson(gateway),
    instances: instances.map(instanceJson),
    surplus: surplus.map(instanceJson),
  };
}

function instanceJson(view: InstanceView) {
  return {
    instance: slotNumber(view.instance),
    state: view.state,
    reachable: view.reachable,
    reason: view.reason,
    job_id: view.jobId,
    job_state: view.jobState,
    node: view.node,
    url: view.url,
    started_at: view.startedAt,
    expires_at: view.expiresAt,
    expected_start: view.expectedStart,
    cpus: view.cpus,
  };
}
