import type { Config } from '../../config/settings.js';
import { fleetObserver } from '../../control/observe.js';
import { eventLine } from '../../fleet/event-line.js';
import type { FleetEvent } from '../../fleet/events.js';
import { slotEvent } from '../../fleet/slot-events.js';
import { listFleets } from '../../state/fleets.js';
import { gatewayWatch } from '../../state/gateways.js';
import { fleetStore } from '../../state/store.js';
import { absentFleet } from '../absent-fleet.js';
import { chooseFleet } from '../choose-fleet.js';
import { clusterOf } from '../cluster.js';
import type { Context } from '../context.js';
import { viewOf } from './fleet-view.js';
import { gatewayLine } from './gateways.js';
import { keeperLines } from './keeper.js';
import { clockTime, screenLines } from './screen.js';
import { type FleetView, slotRows } from './view.js';

/** Milliseconds between two reads of files and servers. The scheduler is polled on its own, slower clock. */
const LOOK_MS = 1_000;

/** Shows one fleet until a signal arrives: a screen on a terminal, else one line for each change. */
export async function followStatus(context: Context, config: Config): Promise<void> {
  const { io, clock, signal, stateFolder } = context;
  const fleet = await chooseFleet(context);
  const store = fleetStore(stateFolder, fleet);
  if (!(await listFleets(stateFolder)).includes(fleet)) throw await absentFleet(stateFolder, fleet);
  let trouble: string | undefined;
  const observer = await fleetObserver(
    {
      ...{ stateFolder, clock, signal, onWait: () => undefined },
      scheduler: await context.scheduler(await clusterOf(context, fleet, config)),
      confirmGoneAfterMs: config.settle * 1000,
      onScheduler: (words) => {
        trouble = words;
      },
    },
    fleet,
  );
  const watch = gatewayWatch(store, () => performance.now());
  const screen = config.json ? undefined : await context.screen();
  const tell = changeReporter(fleet, (event) =>
    io.stdout.line(config.json ? JSON.stringify(event) : `${clockTime(event.time)} ${eventLine(event)}`),
  );
  try {
    while (!signal.aborted) {
      const { seen, answered, probing } = await observer.snapshot();
      // Until the first answer nothing is known, and a server that was ready would look as if it were starting.
      if (answered && !(probing && screen === undefined)) {
        const view = await viewOf(context, seen, { recorded: true, watch });
        if (signal.aborted) break;
        const now = clock.now();
        if (screen === undefined) tell(view, trouble, now);
        else screen.draw((size) => screenLines(view, clock.now(), size, footer(now, trouble)));
      }
      await observer.pause(answered ? LOOK_MS : 100);
    }
  } finally {
    screen?.close();
  }
}

function footer(now: number, trouble: string | undefined): string {
  const updated = `updated ${clockTime(new Date(now).toISOString())}; Ctrl-C ends`;
  return trouble === undefined ? updated : `Slurm does not answer (${trouble}); ${updated}`;
}

/** Calls `show` for each change since the last time. */
function changeReporter(fleet: string, show: (event: FleetEvent) => void) {
  const last = new Map<string, string>();
  const once = (
    key: string,
    text: string,
    event: Omit<FleetEvent, 'schema_version' | 'time' | 'fleet'>,
    now: number,
  ) => {
    if (last.get(key) === text) return;
    last.set(key, text);
    show({ schema_version: 1, time: new Date(now).toISOString(), fleet, ...event });
  };
  return (view: FleetView, trouble: string | undefined, now: number): void => {
    for (const slot of slotRows(view)) {
      const key = `${slot.instance} ${slot.jobId}`;
      once(key, `${slot.state} ${slot.reason}`, slotEvent(slot, slot.reason), now);
    }
    for (const gateway of view.gateways) {
      const { draining = false, endpoints = [] } = gateway.snapshot ?? {};
      const rotation = endpoints.map(({ url, state }) => `${url} ${state}`).join();
      const reason = `${gateway.url}: ${gatewayLine(gateway)}`;
      once(
        gateway.url,
        `${gateway.snapshot === null} ${draining} ${rotation}`,
        { type: 'gateway', reason },
        now,
      );
    }
    const { state, record } = view.keeper;
    const [keeper = 'keeper: none'] = keeperLines(view.keeper, now);
    if (state !== 'none' || last.has('keeper'))
      once('keeper', `${state} ${record?.pid} ${record?.problem}`, { type: 'keeper', reason: keeper }, now);
    if (trouble !== undefined || last.has('slurm')) {
      const words = trouble === undefined ? 'Slurm answers again' : `Slurm does not answer: ${trouble}`;
      once('slurm', words, { type: 'warning', reason: words }, now);
    }
  };
}
