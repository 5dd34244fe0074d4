import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { Usage } from '../fair-share/slot-account.js';
import { WorkerSplit } from '../fair-share/worker-split.js';
import type { GatewayHandle, GatewayOptions } from '../gateway.js';
import { type GatewayCounts, mergeCounts } from '../metrics/counts.js';
import type { GatewayReport } from '../metrics/snapshot.js';
import type { OutageWatch } from '../outage.js';
import type { GatewayEndpoint } from '../types.js';
import { PendingReplies, type WorkerCommand, type WorkerOptions, type WorkerReport } from './messages.js';

const PROGRAM = fileURLToPath(new URL('./worker.js', import.meta.url));
/** How long a process has requests waiting, and no slot, until another gives it one. */
const TURN_MS = 1_000;
/** Keeps a worker that crashes at once from taking all of a CPU. */
const RESTART_DELAY_MS = 1_000;
/** The same line from several workers within this time is logged once. */
const DUPLICATE_LINE_MS = 10_000;

/** Several processes on one port, which share the limits as the gateways of a fleet do. */
export async function startWorkers(
  options: GatewayOptions,
  outage: OutageWatch,
  gatewayReport: () => Promise<GatewayReport>,
): Promise<GatewayHandle> {
  cluster.setupPrimary({ exec: PROGRAM, args: [] });
  const group = new WorkerGroup(options, outage, gatewayReport);
  try {
    const url = await group.start(options.workers);
    return { url, ...group.handle };
  } catch (error) {
    await group.close(0);
    throw error;
  }
}

class WorkerGroup {
  private readonly running = new Set<Worker>();
  private readonly booting = new Set<Worker>();
  private readonly rotations = new Map<Worker, number>();
  private readonly pendingCounts = new PendingReplies<GatewayCounts>();
  private readonly recentLines = new Map<string, number>();
  private readonly options: GatewayOptions;
  private readonly outage: OutageWatch;
  private readonly gatewayReport: () => Promise<GatewayReport>;
  private readonly split = new WorkerSplit<Worker>(() => performance.now(), TURN_MS);
  private readonly turnTimer = setInterval(() => this.assign(), TURN_MS);
  private endpoints: readonly GatewayEndpoint[] = [];
  private totals: ReadonlyMap<string, number> = new Map();
  private healthy: ReadonlySet<string> = new Set();
  private slots: ReadonlyMap<string, number> | undefined;
  private port: number;
  private closing = false;

  constructor(options: GatewayOptions, outage: OutageWatch, gatewayReport: () => Promise<GatewayReport>) {
    this.options = options;
    this.outage = outage;
    this.gatewayReport = gatewayReport;
    if (options.shared) this.slots = new Map();
    this.port = options.port;
  }

  async start(count: number): Promise<string> {
    const [first = ''] = await Promise.all(Array.from({ length: count }, () => this.fork()));
    this.port = Number(new URL(first).port);
    return first;
  }

  get handle(): Omit<GatewayHandle, 'url'> {
    return {
      set: (endpoints) => {
        this.endpoints = endpoints;
        this.broadcast({ kind: 'endpoints', endpoints });
      },
      usage: () => this.usage(),
      setSlots: (slots) => {
        this.slots = slots;
        this.assign();
      },
      counts: () => this.counts(),
      close: (grace) => this.close(grace),
    };
  }

  async close(grace: number): Promise<void> {
    this.closing = true;
    clearInterval(this.turnTimer);
    for (const worker of this.booting) worker.process.kill('SIGKILL');
    const ends = [...this.booting, ...this.running].map(
      (worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    );
    this.broadcast({ kind: 'close', grace });
    await Promise.all(ends);
  }

  private fork(): Promise<string> {
    const worker = cluster.fork();
    // Every pending call of `countsOf` adds an 'exit' listener.
    worker.setMaxListeners(0);
    this.booting.add(worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (report: WorkerReport) => {
        if (report.kind === 'listening') resolve(report.url);
        else if (report.kind === 'failed') {
          reject(Object.assign(new Error(report.message), { code: report.code, syscall: report.syscall }));
        } else this.onReport(worker, report);
      });
      worker.once('exit', (code, signal) => {
        this.booting.delete(worker);
        this.running.delete(worker);
        this.split.remove(worker);
        this.rotations.delete(worker);
        reject(new Error(`a gateway process ended with ${signal ?? code}`));
        if (!this.closing) this.replace(worker, signal ?? String(code));
      });
    });
  }

  private replace({ process }: Worker, how: string): void {
    this.options.onLog(`gateway process ${process.pid} ended with ${how}, restarting it`);
    this.assign();
    setTimeout(() => {
      if (this.closing) return;
      this.fork().catch((error: unknown) => this.options.onLog(String(error)));
    }, RESTART_DELAY_MS);
  }

  private onReport(worker: Worker, report: Exclude<WorkerReport, { kind: 'listening' | 'failed' }>): void {
    switch (report.kind) {
      case 'ready':
        this.initialize(worker);
        break;
      case 'usage':
        this.split.report(worker, report.usage);
        this.totals = new Map(Object.entries(report.totals));
        this.healthy = new Set(report.healthy);
        this.assign();
        break;
      case 'rotation':
        this.rotations.set(worker, report.count);
        this.outage.update(Math.max(0, ...this.rotations.values()));
        break;
      case 'log':
        this.logOnce(report.line);
        break;
      case 'counts':
        this.pendingCounts.settle(report.id, report.counts);
        break;
      case 'gateway-report':
        void this.gatewayReport().then((whole) =>
          send(worker, { kind: 'gateway-report', id: report.id, report: whole }),
        );
        break;
    }
  }

  private initialize(worker: Worker): void {
    this.booting.delete(worker);
    this.running.add(worker);
    this.split.add(worker);
    const { endpoints, fleet, onOutage, onLog, ...plain } = this.options;
    // No slots but those that it is granted.
    const options: WorkerOptions = { ...plain, port: this.port, shared: true };
    send(worker, { kind: 'start', options });
    send(worker, { kind: 'endpoints', endpoints: this.endpoints });
  }

  private async counts(): Promise<GatewayCounts> {
    const perWorker = await Promise.all([...this.running].map((worker) => this.countsOf(worker)));
    const counts = mergeCounts(perWorker.filter((each) => each !== undefined));
    if (counts === undefined) throw new Error('no gateway process is running');
    return counts;
  }

  private countsOf(worker: Worker): Promise<GatewayCounts | undefined> {
    return new Promise((resolve) => {
      const onExit = () => resolve(undefined);
      worker.once('exit', onExit);
      void this.pendingCounts
        .send((id) => send(worker, { kind: 'count', id }))
        .then((counts) => {
          worker.off('exit', onExit);
          resolve(counts);
        });
    });
  }

  private usage(): Usage {
    const { split, totals, healthy } = this;
    return { waiting: split.waiting, busy: split.busy, inUse: split.held(), totals, healthy };
  }

  private assign(): void {
    for (const [worker, grant] of this.split.assign(this.slots ?? this.totals))
      send(worker, { kind: 'slots', ...grant });
  }

  private broadcast(command: WorkerCommand): void {
    for (const worker of this.running) send(worker, command);
  }

  private logOnce(line: string): void {
    const now = performance.now();
    const last = this.recentLines.get(line) ?? Number.NEGATIVE_INFINITY;
    this.recentLines.set(line, now);
    for (const [each, at] of this.recentLines)
      if (now - at > DUPLICATE_LINE_MS) this.recentLines.delete(each);
    if (now - last > DUPLICATE_LINE_MS) this.options.onLog(line);
  }
}

function send(worker: Worker, command: WorkerCommand): void {
  // A command that does not arrive is lost with its process; 'exit' handles that.
  if (worker.isConnected()) worker.send(command, () => undefined);
}
