import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { GatewayOptions, PeerView, Works } from '../gateway.js';
import { type GatewayCounts, together } from '../metrics/counts.js';
import type { OutageWatch } from '../outage.js';
import type { GatewayEndpoint } from '../types.js';
import { Asked, type Order, type Report, type WorkerOptions } from './messages.js';

const PROGRAM = fileURLToPath(new URL('./worker.js', import.meta.url));
/** What does not divide goes to others this often: longer than all need to see it. Milliseconds. */
const TURN_MS = 3_000;
/** One that ends at once, again and again, shall not take all of a CPU. Milliseconds. */
const AGAIN_MS = 1_000;
/** The same line of another process within this time is the same news. Milliseconds. */
const SAME_MS = 10_000;
/** Processes that a single slot still goes around among. */
const SCARCE = 4;

/** Several processes on one port, each a whole engine; they share the limits as gateways of a fleet do. */
export async function startWorkers(
  options: GatewayOptions,
  outage: OutageWatch,
  whole: () => Promise<GatewayCounts>,
): Promise<Works> {
  cluster.setupPrimary({ exec: PROGRAM, args: [] });
  const group = new Group(options, outage, whole);
  try {
    const url = await group.start(options.workers);
    return { url, ...group.works };
  } catch (error) {
    await group.close(0);
    throw error;
  }
}

class Group {
  /** Those that listen to orders: what is sent before that is lost. */
  private readonly demands = new Map<Worker, number>();
  private readonly booting = new Set<Worker>();
  private readonly rotations = new Map<Worker, number>();
  private readonly counted = new Asked<GatewayCounts>();
  private readonly lines = new Map<string, number>();
  private readonly options: GatewayOptions;
  private readonly outage: OutageWatch;
  private readonly whole: () => Promise<GatewayCounts>;
  private readonly turning = setInterval(() => this.nextTurn(), TURN_MS);
  private endpoints: readonly GatewayEndpoint[] = [];
  private peers: PeerView | undefined;
  private turn = 0;
  private port: number;
  private closing = false;

  constructor(options: GatewayOptions, outage: OutageWatch, whole: () => Promise<GatewayCounts>) {
    this.options = options;
    this.outage = outage;
    this.whole = whole;
    this.port = options.port;
  }

  /** Resolves with the URL when all listen. */
  async start(count: number): Promise<string> {
    const [first = ''] = await Promise.all(Array.from({ length: count }, () => this.fork()));
    this.port = Number(new URL(first).port);
    // Together they are at once what they will be: nobody had more before.
    this.share(true);
    return first;
  }

  get works(): Omit<Works, 'url'> {
    return {
      set: (endpoints) => {
        this.endpoints = endpoints;
        this.toAll({ kind: 'endpoints', endpoints });
      },
      see: (view) => {
        this.peers = { ...view, settled: false };
        for (const worker of this.demands.keys()) this.tellPeers(worker, view);
      },
      counts: () => this.counts(),
      demand: () => [...this.demands.values()].reduce((sum, each) => sum + each, 0),
      close: (grace) => this.close(grace),
    };
  }

  async close(grace: number): Promise<void> {
    this.closing = true;
    clearInterval(this.turning);
    for (const worker of this.booting) worker.process.kill('SIGKILL');
    const ends = [...this.booting, ...this.demands.keys()].map(
      (worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    );
    this.toAll({ kind: 'close', grace });
    await Promise.all(ends);
  }

  private fork(): Promise<string> {
    const worker = cluster.fork();
    // Everybody who asks for counts waits for its end too.
    worker.setMaxListeners(0);
    this.booting.add(worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (report: Report) => {
        if (report.kind === 'listening') resolve(report.url);
        else if (report.kind === 'failed') {
          reject(Object.assign(new Error(report.message), { code: report.code, syscall: report.syscall }));
        } else this.heard(worker, report);
      });
      worker.once('exit', (code, signal) => {
        this.booting.delete(worker);
        this.demands.delete(worker);
        this.rotations.delete(worker);
        reject(new Error(`a process of the gateway ended with ${signal ?? code}`));
        if (!this.closing) this.replace(worker, signal ?? String(code));
      });
    });
  }

  /** The port is known by now, and so are the endpoints. */
  private replace({ process }: Worker, how: string): void {
    this.options.told(`process ${process.pid} of the gateway ended with ${how}: another takes its place`);
    this.share(false);
    setTimeout(() => {
      if (this.closing) return;
      this.fork().then(
        () => this.share(false),
        (error: unknown) => this.options.told(String(error)),
      );
    }, AGAIN_MS);
  }

  private heard(worker: Worker, report: Exclude<Report, { kind: 'listening' | 'failed' }>): void {
    switch (report.kind) {
      case 'here':
        this.begin(worker);
        break;
      case 'demand':
        this.demands.set(worker, report.demand);
        this.share(false);
        break;
      case 'rotation':
        this.rotations.set(worker, report.count);
        this.outage.see(Math.max(0, ...this.rotations.values()));
        break;
      case 'told':
        this.tellOnce(report.line);
        break;
      case 'counts':
        this.counted.answer(report.id, report.counts);
        break;
      case 'whole':
        void this.whole().then((counts) => send(worker, { kind: 'whole', id: report.id, counts }));
        break;
    }
  }

  private begin(worker: Worker): void {
    this.booting.delete(worker);
    this.demands.set(worker, 0);
    const { endpoints, peers, outage, told, ...plain } = this.options;
    const options: WorkerOptions = { ...plain, port: this.port };
    send(worker, { kind: 'start', options });
    // No part of anything until all know of it.
    const nothing = { self: '', demands: [], turn: 0 };
    send(worker, { kind: 'view', level: 'processes', view: nothing, settled: true });
    if (this.peers !== undefined) this.tellPeers(worker, this.peers);
    send(worker, { kind: 'endpoints', endpoints: this.endpoints });
  }

  private async counts(): Promise<GatewayCounts> {
    const asked = [...this.demands.keys()].map((worker) => this.countsOf(worker));
    const counts = together((await Promise.all(asked)).filter((each) => each !== undefined));
    if (counts === undefined) throw new Error('no process of the gateway runs');
    return counts;
  }

  /** Undefined where it ended before it answered. */
  private countsOf(worker: Worker): Promise<GatewayCounts | undefined> {
    return new Promise((resolve) => {
      const gone = () => resolve(undefined);
      worker.once('exit', gone);
      void this.counted
        .ask((id) => send(worker, { kind: 'count', id }))
        .then((counts) => {
          worker.off('exit', gone);
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
    if (slots >= this.demands.size * SCARCE) return;
    this.turn += 1;
    this.share(false);
  }

  private tellPeers(worker: Worker, { settled, self, demands, turn }: PeerView): void {
    send(worker, { kind: 'view', level: 'gateways', view: { self, demands: [...demands], turn }, settled });
  }

  private toAll(order: Order): void {
    for (const worker of this.demands.keys()) send(worker, order);
  }

  private tellOnce(line: string): void {
    const now = performance.now();
    const before = this.lines.get(line) ?? Number.NEGATIVE_INFINITY;
    this.lines.set(line, now);
    for (const [each, at] of this.lines) if (now - at > SAME_MS) this.lines.delete(each);
    if (now - before > SAME_MS) this.options.told(line);
  }
}

function send(worker: Worker, order: Order): void {
  // What does not arrive is lost with the process, whose end is told elsewhere.
  if (worker.isConnected()) worker.send(order, () => undefined);
}
