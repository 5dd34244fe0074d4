import { codeOf, messageOf } from '../../errors.js';
import { quietNode } from '../../node.js';
import { type AccessLog, accessLog } from '../access-log.js';
import { Engine } from '../engine.js';
import { Demand } from '../fair-share/demand.js';
import type { GatewayCounts } from '../metrics/counts.js';
import { Asked, type Order, type Report, type WorkerOptions } from './messages.js';

/** How often a demand that changed is told. Milliseconds. */
const DEMAND_EVERY_MS = 100;
/** How long it must have been lower until that is told. Milliseconds. */
const DEMAND_HOLD_MS = 3_000;

// One process of a gateway: started by the primary, and ended by it.
const tell = (report: Report): void => {
  if (process.connected) process.send?.(report);
};
const wholes = new Asked<GatewayCounts>();
let engine: Engine | undefined;
let begin = (_engine: Engine): void => undefined;
const begun = new Promise<Engine>((resolve) => {
  begin = resolve;
});
let close = async (_grace: number): Promise<void> => undefined;

quietNode();
process.on('uncaughtException', (error) => {
  tell({ kind: 'told', line: `error: a process of the gateway failed: ${messageOf(error)}` });
  process.exit(1);
});
// A terminal signals all processes; when to end, and how, is the primary's to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
// Without it there are no connections any more.
process.on('disconnect', () => process.exit(0));
process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'start':
      start(order.options).catch((error: unknown) => {
        const { syscall } = error as NodeJS.ErrnoException;
        tell({ kind: 'failed', message: messageOf(error), code: codeOf(error), syscall });
      });
      break;
    case 'endpoints':
      engine?.set(order.endpoints);
      break;
    case 'view': {
      const { self, demands, turn } = order.view;
      engine?.see(order.level, { self, demands: new Map(demands), turn }, order.settled);
      break;
    }
    case 'count':
      void begun.then((made) => tell({ kind: 'counts', id: order.id, counts: made.counts() }));
      break;
    case 'whole':
      wholes.answer(order.id, order.counts);
      break;
    case 'close':
      void close(order.grace).then(() => process.exit(0));
      break;
  }
});
tell({ kind: 'here' });

async function start(options: WorkerOptions): Promise<void> {
  // Made at once: further orders are on their way already.
  let access: AccessLog | undefined;
  const made = new Engine(options, {
    told: (line) => tell({ kind: 'told', line }),
    rotation: (count) => tell({ kind: 'rotation', count }),
    access: (record) => access?.write(record),
    whole: () => wholes.ask((id) => tell({ kind: 'whole', id })),
  });
  engine = made;
  begin(made);
  access = await accessLog(options.accessLog);
  close = async (grace) => {
    await made.close(grace);
    await access?.close();
  };
  tell({ kind: 'listening', url: await made.listen() });
  const held = new Demand(DEMAND_HOLD_MS);
  let told = 0;
  setInterval(() => {
    const demand = held.see(made.demand(), performance.now());
    if (demand !== told) tell({ kind: 'demand', demand });
    told = demand;
  }, DEMAND_EVERY_MS);
}
