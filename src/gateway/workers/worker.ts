import { codeOf, messageOf } from '../../errors.js';
import { quietNode } from '../../node.js';
import { type AccessLog, accessLog } from '../access-log.js';
import { GatewayProcess } from '../gateway-process.js';
import type { GatewayReport } from '../metrics/snapshot.js';
import { PendingReplies, type WorkerCommand, type WorkerOptions, type WorkerReport } from './messages.js';

const USAGE_REPORT_MS = 50;

// One process of a gateway: the primary starts it and ends it.
const report = (message: WorkerReport): void => {
  if (process.connected) process.send?.(message);
};
const pendingReports = new PendingReplies<GatewayReport>();
let applied = 0;
let gatewayProcess: GatewayProcess | undefined;
let onCreated = (_gateway: GatewayProcess): void => undefined;
const created = new Promise<GatewayProcess>((resolve) => {
  onCreated = resolve;
});
let close = async (_grace: number): Promise<void> => undefined;

quietNode();
process.on('uncaughtException', (error) => {
  report({ kind: 'log', line: `error: a gateway process failed: ${messageOf(error)}` });
  process.exit(1);
});
// A terminal signals all processes, but the primary decides when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
// The primary owns the listening socket: without it there are no connections.
process.on('disconnect', () => process.exit(0));
process.on('message', (command: WorkerCommand) => {
  switch (command.kind) {
    case 'start':
      start(command.options).catch((error: unknown) => {
        const { syscall } = error as NodeJS.ErrnoException;
        report({ kind: 'failed', message: messageOf(error), code: codeOf(error), syscall });
      });
      break;
    case 'endpoints':
      gatewayProcess?.set(command.endpoints);
      break;
    case 'slots':
      applied = command.version;
      gatewayProcess?.setSlots(new Map(Object.entries(command.slots)));
      break;
    case 'count':
      void created.then((gateway) => report({ kind: 'counts', id: command.id, counts: gateway.counts() }));
      break;
    case 'gateway-report':
      pendingReports.settle(command.id, command.report);
      break;
    case 'close':
      void close(command.grace).then(() => process.exit(0));
      break;
  }
});
report({ kind: 'ready' });

async function start(options: WorkerOptions): Promise<void> {
  // Created before anything is awaited: further commands are on their way already.
  let access: AccessLog | undefined;
  const gateway = new GatewayProcess(options, {
    onLog: (line) => report({ kind: 'log', line }),
    onRotation: (count) => report({ kind: 'rotation', count }),
    onComplete: (record) => access?.write(record),
    gatewayReport: () => pendingReports.send((id) => report({ kind: 'gateway-report', id })),
  });
  gatewayProcess = gateway;
  onCreated(gateway);
  access = await accessLog(options.accessLog);
  close = async (grace) => {
    await gateway.close(grace);
    await access?.close();
  };
  report({ kind: 'listening', url: await gateway.listen() });
  let reported = '';
  setInterval(() => {
    const { waiting, inUse, totals, healthy } = gateway.usage();
    const usage = { waiting, inUse: Object.fromEntries(inUse), applied };
    const message: WorkerReport = {
      kind: 'usage',
      ...{ usage, totals: Object.fromEntries(totals), healthy: [...healthy] },
    };
    const text = JSON.stringify(message);
    if (text !== reported) report(message);
    reported = text;
  }, USAGE_REPORT_MS);
}
