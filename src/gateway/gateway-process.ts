import type { IncomingMessage, ServerResponse } from 'node:http';
import { totalmem } from 'node:os';
import { foreignRequestGuard, type OwnHosts } from '../api/foreign-request.js';
import { tokenGuard } from '../api/token-guard.js';
import { MAX_ANSWER } from '../api/wire.js';
import { Transfers } from '../http/transfers.js';
import { Descriptors, exhaustionWarning } from '../node/descriptors.js';
import { Balancer } from './balance/balancer.js';
import { Deadlines } from './deadlines.js';
import type { Endpoint } from './endpoint.js';
import { Endpoints } from './endpoints.js';
import { Shares } from './fair-share/shares.js';
import type { DemandView } from './fair-share/slot-counts.js';
import type { VerifyMode } from './forwarding/verification.js';
import { HttpFrontend } from './http/frontend.js';
import { gatewayRoutes } from './http/gateway-routes.js';
import { changeLine } from './log-lines.js';
import { endpointCounts, type GatewayCounts } from './metrics/counts.js';
import { Histogram } from './metrics/stats.js';
import { type AccessRecord, HttpProxy } from './proxy.js';
import type { Cause, GatewayEndpoint } from './types.js';

/** The endpoints' limits are shared among the gateways of a fleet, then among the processes of a gateway. */
export const LEVELS = ['gateways', 'processes'] as const;
export type Level = (typeof LEVELS)[number];

/** How long a change takes to reach everyone: gateways talk by files on NFS, processes by messages. */
const SETTLE_MS: Readonly<Record<Level, number>> = { gateways: 10_000, processes: 500 };

/** Plain data: it is sent to worker processes as JSON. */
export interface ProcessOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Bearer token that clients must send; null for none. */
  token: string | null;
  /** The names by which clients may address the gateway; null or absent: any. */
  hosts?: OwnHosts | null;
  /** By which the gateway proves that it is its job's; null or absent for none. */
  secret?: string | null;
  /** Shown by `/healthz`, for a job's script of the version before; null for none. */
  nonce: string | null;
  /** HTML of the status page; null turns it off. */
  page: string | null;
  /** Bearer token that the endpoints require; null for none. */
  endpointToken: string | null;
  /** Maximum bytes of a request body. */
  bodyLimit: number;
  /** Limit of an endpoint whose number of CPUs is unknown. */
  defaultLimit: number;

  maxQueue: number;
  /** Seconds after which any client gets an answer, also one without a timeout. */
  maxClientTimeout: number;
  /** Maximum attempts per request, of those that reached a server. */
  tries: number;
  /** Which answers wait until their server is known to be healthy. */
  verify: VerifyMode;
  /** Seconds between two health checks of an endpoint. */
  canaryEvery: number;
  /** Seconds. */
  canaryTimeout: number;
}

export interface ProcessEvents {
  onLog(line: string): void;
  /** The number of endpoints in rotation may have changed. */
  onRotation(count: number): void;
  /** Called once for every request, when its response is being sent. */
  onComplete(record: AccessRecord): void;
  /** The counters of all processes of the gateway, for its own routes. */
  gatewayCounts(): Promise<GatewayCounts>;
}

const CONNECT_MS = 3_000;
/** uvicorn closes a connection that was idle for 5 s; a request sent at that moment would be lost. */
const IDLE_MS = 4_000;
const SWEEP_MS = 1_000;
/** Bytes that requests and responses may hold together, at the least; else a quarter of the machine's memory. */
const LEAST_MEMORY = 2 ** 30;

/** Wires up everything that one process of a gateway does. */
export class GatewayProcess {
  private readonly now = () => performance.now();
  private readonly balancer = new Balancer<Endpoint>();
  private readonly shares: Record<Level, Shares>;
  private readonly endpoints: Endpoints;
  private readonly proxy: HttpProxy;
  private readonly frontend: HttpFrontend;
  private readonly options: ProcessOptions;
  private readonly retries = new Map<Cause, number>();
  private readonly ends: GatewayCounts['ends'] = { answer: 0, infra: 0, refused: 0, too_long: 0, gone: 0 };
  private readonly waited = new Histogram();
  private readonly took = new Histogram();
  private readonly sweeper: NodeJS.Timeout;
  private shareTimer: NodeJS.Timeout | undefined;
  private peakUnderWay = 0;

  constructor(options: ProcessOptions, events: ProcessEvents) {
    this.options = options;
    const { now, balancer } = this;
    const descriptors = new Descriptors();
    const warn = exhaustionWarning('this gateway', now, events.onLog);
    const warnExhausted = () => warn(descriptors.limit);
    const deadlines = new Deadlines(now);
    const { endpointToken, token } = options;
    const authorization = endpointToken === null ? undefined : `Bearer ${endpointToken}`;
    const shareOf = (level: Level) => new Shares(SETTLE_MS[level], now);
    this.shares = { gateways: shareOf('gateways'), processes: shareOf('processes') };
    for (const level of LEVELS) this.updateDemands(level, ALONE, true);
    this.endpoints = new Endpoints({
      ...{ balancer, deadlines, now },
      pool: { connectMs: CONNECT_MS, idleMs: IDLE_MS, maxBodyBytes: MAX_ANSWER, now, descriptors },
      defaultLimit: options.defaultLimit,
      slots: (url, limit, total) => this.slots(url, limit, total),
      everyMs: options.canaryEvery * 1000,
      timeoutMs: options.canaryTimeout * 1000,
      headers: `content-type: application/json\r\n${authorization === undefined ? '' : `authorization: ${authorization}\r\n`}`,
      onChange: (endpoint, change) => {
        events.onLog(changeLine(endpoint, change));
        events.onRotation(this.endpoints.inRotation);
      },
      onWarning: events.onLog,
      onRotation: () => events.onRotation(this.endpoints.inRotation),
      onExhausted: warnExhausted,
    });
    this.proxy = new HttpProxy({
      ...{ balancer, deadlines, now, authorization, ...options },
      verifyMode: options.verify,
      inRotation: () => this.endpoints.inRotation,
      transfers: new Transfers(Math.max(LEAST_MEMORY, totalmem() / 4)),
      onResult: (...result) => this.endpoints.recordResult(...result),
      onBlame: (...failure) => this.endpoints.blame(...failure),
      verify: (...verification) => this.endpoints.verify(...verification),
      onRetry: (cause) => this.retries.set(cause, (this.retries.get(cause) ?? 0) + 1),
      onStart: () => {
        this.peakUnderWay = Math.max(this.peakUnderWay, this.proxy.underWay);
      },
      onComplete: (record) => {
        this.count(record);
        events.onComplete(record);
      },
    });
    const serveOwnRoute = gatewayRoutes({
      counts: events.gatewayCounts,
      allowed: tokenGuard(token),
      foreign: foreignRequestGuard(options.hosts ?? null),
      secret: options.secret ?? null,
      nonce: options.nonce,
      page: options.page,
      ready: () => (this.frontend.draining ? 0 : this.endpoints.inRotation),
    });
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      if (!serveOwnRoute(request, response)) void this.proxy.handle(request, response);
    };
    this.frontend = new HttpFrontend(handle, descriptors, warnExhausted);
    this.sweeper = setInterval(() => this.endpoints.sweep(), SWEEP_MS);
  }

  /** Resolves with the URL. Rejects with what listen() throws, and leaves nothing behind. */
  async listen(): Promise<string> {
    try {
      return await this.frontend.listen(this.options.host, this.options.port);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Replaces the list of endpoints. */
  set(endpoints: readonly GatewayEndpoint[]): void {
    this.endpoints.set(endpoints);
  }

  /** Who else uses the endpoints. `settled`: all of them know it already. */
  updateDemands(level: Level, view: DemandView, settled = false): void {
    this.shares[level].update(view, settled);
    this.updateShares();
  }

  /** Peak number of requests under way since the last call. */
  demand(): number {
    const { peakUnderWay } = this;
    this.peakUnderWay = this.proxy.underWay;
    return Math.max(peakUnderWay, this.peakUnderWay);
  }

  counts(): GatewayCounts {
    const at = this.now();
    const isoOf = (time: number) => new Date(performance.timeOrigin + time).toISOString();
    return {
      draining: this.frontend.draining,
      endpoints: this.endpoints.all.map((endpoint) => endpointCounts(endpoint, at, isoOf)),
      waiting: this.balancer.queued,
      longest: this.options.maxQueue,
      under_way: this.proxy.underWay,
      ends: this.ends,
      retries: Object.fromEntries(this.retries),
      waited: this.waited,
      took: this.took,
      outages: 0,
    };
  }

  /** Takes no new connections and gives requests under way `grace` seconds to end. */
  async close(grace: number): Promise<void> {
    await this.frontend.drain(grace * 1000);
    this.stop();
  }

  private stop(): void {
    clearInterval(this.sweeper);
    clearTimeout(this.shareTimer);
    this.endpoints.close();
  }

  private slots(url: string, limit: number, total: number): number {
    const { gateways, processes } = this.shares;
    return processes.slots(url, gateways.slots(url, limit, total), total);
  }

  private updateShares(): void {
    // Read before the limits are updated: a change that settles in between gets another update.
    const waits = LEVELS.flatMap((level) => this.shares[level].unsettledMs ?? []);
    clearTimeout(this.shareTimer);
    if (waits.length > 0) this.shareTimer = setTimeout(() => this.updateShares(), Math.min(...waits) + 1);
    this.endpoints?.updateLimits();
  }

  private count({ end, waited, took }: AccessRecord): void {
    this.ends[end] += 1;
    this.waited.add(waited);
    this.took.add(took);
  }
}

const ALONE: DemandView = { self: '', demands: new Map([['', 0]]), turn: 0 };
