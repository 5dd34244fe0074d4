import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { GatewayHandle, GatewayOptions, PeerView } from '../gateway.js';
import { type GatewayCounts, mergeCounts } from '../metrics/counts.js';
import type { OutageWatch } from '../outage.js';
import type { GatewayEndpoint } from '../types.js';
import { PendingReplies, type WorkerCommand, type WorkerOptions, type WorkerReport } from './messages.js';

const PROGRAM = fileURLToPath(new URL('./worker.js', import.meta.url));
/** How often slots that do not divide evenly change hands; longer than a change takes to settle. */
const TURN_MS = 3_000;
/** Keeps a worker that crashes at once from taking all of a CPU. */
const RESTART_DELAY_MS = 1_000;
/** The same line from several workers within this time is logged once. */
const DUPLICATE_LINE_MS = 10_000;
/** With fewer slots per process than this, the slots change hands. */
const MIN_SLOTS_PER_PROCESS = 4;

/** Several processes on one port, which share the limits as the gateways of a fleet do. */
export async function startWorkers(
  options: GatewayOptions,
  outage: OutageWatch,
  gatewayCounts: () => Promise<GatewayCounts>,
): Promise<GatewayHandle> {
  cluster.setupPrimary({ exec: PROGRAM, args: [] });
  const group = new WorkerGroup(options, outage, gatewayCounts);
  try {
    const url = await group.start(options.workers);
    return { url, ...group.handle };
  } catch (error) {
    await group.close(0);
    throw error;
  }
}

class WorkerGroup {
  /** The workers that are ready for commands: what is sent earlier is lost. */
  private readonly demands = new Map<Worker, number>();
  private readonly booting = new Set<Worker>();
  private readonly rotations = new Map<Worker, number>();
  private readonly pendingCounts = new PendingReplies<GatewayCounts>();
  private readonly recentLines = new Map<string, number>();
  private readonly options: GatewayOptions;
  private readonly outage: OutageWatch;
  private readonly gatewayCounts: () => Promise<GatewayCounts>;
  private readonly turnTimer = setInterval(() => this.nextTurn(), TURN_MS);
  private endpoints: readonly GatewayEndpoint[] = [];
  private peers: PeerView | undefined;
  private turn = 0;
  private port: number;
  private closing = false;

  constructor(options: GatewayOptions, outage: OutageWatch, gatewayCounts: () => Promise<GatewayCounts>) {
    this.options = options;
    this.outage = outage;
    this.gatewayCounts = gatewayCounts;
    this.port = options.port;
  }

  /** Resolves with the URL once all workers listen. */
  async start(count: number): Promise<string> {
    const [first = ''] = await Promise.all(Array.from({ length: count }, () => this.fork()));
    this.port = Number(new URL(first).port);
    // Nobody had any slots before, so there is nothing to wait for.
    this.share(true);
    return first;
  }

  get handle(): Omit<GatewayHandle, 'url'> {
    return {
      set: (endpoints) => {
        this.endpoints = endpoints;
        this.broadcast({ kind: 'endpoints', endpoints });
      },
      updatePeers: (view) => {
        this.peers = { ...view, settled: false };
        for (const worker of this.demands.keys()) this.sendPeers(worker, view);
      },
      counts: () => this.counts(),
      demand: () => [...this.demands.values()].reduce((sum, each) => sum + each, 0),
      close: (grace) => this.close(grace),
    };
  }

  async close(grace: number): Promise<void> {
    this.closing = true;
    clearInterval(this.turnTimer);
    for (const worker of this.booting) worker.process.kill('SIGKILL');
    const ends = [...this.booting, ...this.demands.keys()].map(
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
        this.demands.delete(worker);
        this.rotations.delete(worker);
        reject(new Error(`a gateway process ended with ${signal ?? code}`));
        if (!this.closing) this.replace(worker, signal ?? String(code));
      });
    });
  }

  private replace({ process }: Worker, how: string): void {
    this.options.onLog(`gateway process ${process.pid} ended with ${how}, restarting it`);
    this.share(false);
    setTimeout(() => {
      if (this.closing) return;
      this.fork().then(
        () => this.share(false),
        (error: unknown) => this.options.onLog(String(error)),
      );
    }, RESTART_DELAY_MS);
  }

  private onReport(worker: Worker, report: Exclude<WorkerReport, { kind: 'listening' | 'failed' }>): void {
    switch (report.kind) {
      case 'ready':
        this.initialize(worker);
        break;
      case 'demand':
        this.demands.set(worker, report.demand);
        this.share(false);
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
      case 'gateway-counts':
        void this.gatewayCounts().then((counts) =>
          send(worker, { kind: 'gateway-counts', id: report.id, counts }),
        );
        break;
    }
  }

  private initialize(worker: Worker): void {
    this.booting.delete(worker);
    this.demands.set(worker, 0);
    const { endpoints, peers, onOutage, onLog, ...plain } = this.options;
    const options: WorkerOptions = { ...plain, port: this.port };
    send(worker, { kind: 'start', options });
    // No slots at all until the other processes know of it.
    const noDemands = { self: '', demands: [], turn: 0 };
    send(worker, { kind: 'view', level: 'processes', view: noDemands, settled: true });
    if (this.peers !== undefined) this.sendPeers(worker, this.peers);
    send(worker, { kind: 'endpoints', endpoints: this.endpoints });
  }

  private async counts(): Promise<GatewayCounts> {
    const perWorker = await Promise.all([...this.demands.keys()].map((worker) => this.countsOf(worker)));
    const counts = mergeCounts(perWorker.filter((each) => each !== undefined));
    if (counts === undefined) throw new Error('no gateway process is running');
    return counts;
  }

  /** Undefined if the worker ended before it replied. */
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

  private share(settled: boolean): void {
    const demands = [...this.demands].map(([{ id }, demand]): [string, number] => [String(id), demand]);
    for (const worker of this.demands.keys()) {
      const view = { self: String(worker.id), demands, turn: this.turn };
      send(worker, { kind: 'view', level: 'processes', view, settled });
    }
  }

  private nextTurn(): void {
    const slots = this.endpoints.reduce((sum, { limit }) => sum + (limit ?? this.options.defaultLimit), 0);
    if (slots >= this.demands.size * MIN_SLOTS_PER_PROCESS) return;
    this.turn += 1;
    this.share(false);
  }

  private sendPeers(worker: Worker, { settled, self, demands, turn }: PeerView): void {
    send(worker, { kind: 'view', level: 'gateways', view: { self, demands: [...demands], turn }, settled });
  }

  private broadcast(command: WorkerCommand): void {
    for (const worker of this.demands.keys()) send(worker, command);
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
