import type { IncomingMessage, ServerResponse } from 'node:http';
import { totalmem } from 'node:os';
import { foreignRequestGuard, type OwnHosts } from '../api/foreign-request.js';
import { tokenGuard } from '../api/token-guard.js';
import { MAX_ANSWER } from '../api/wire.js';
import { Transfers } from '../http/transfers.js';
import { Descriptors, exhaustionWarning } from '../node/descriptors.js';
import { Balancer } from './balance/balancer.js';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import { Deadlines } from './deadlines.js';
import type { Endpoint } from './endpoint.js';
import { Endpoints } from './endpoints.js';
import type { Usage } from './fair-share/slot-account.js';
import type { VerifyMode } from './forwarding/verification.js';
import { HttpFrontend } from './http/frontend.js';
import { gatewayRoutes } from './http/gateway-routes.js';
import { changeLine } from './log-lines.js';
import { endpointCounts, type GatewayCounts } from './metrics/counts.js';
import type { GatewayReport } from './metrics/snapshot.js';
import { Histogram } from './metrics/stats.js';
import { type AccessRecord, HttpProxy } from './proxy.js';
import type { Cause, FailureCause, GatewayEndpoint } from './types.js';

/** Plain data: it is sent to worker processes as JSON. */
export interface ProcessOptions {
  host: string;
  port: number;
  token: string | null;
  /** The names by which clients may address the gateway; null or absent: any. */
  hosts?: OwnHosts | null;
  /** By which the gateway proves that it is its job's; null or absent for none. */
  secret?: string | null;
  /** Shown by `/healthz`, for a job's script of the version before; null for none. */
  nonce: string | null;
  page: string | null;
  endpointToken: string | null;
  bodyLimit: number;
  /** Others use the same endpoints: it has no slots but those that it is given. */
  shared: boolean;
  defaultLimit: number;

  maxQueue: number;
  /** Seconds after which any client gets an answer, also one without a timeout. */
  maxClientTimeout: number;
  tries: number;
  /** Which answers wait until their server is known to be healthy. */
  verify: VerifyMode;
  /** Seconds between two health checks of an endpoint. */
  canaryEvery: number;
  canaryTimeout: number;
}

export interface ProcessEvents {
  onLog(line: string): void;
  onRotation(count: number): void;
  /** Called once for every request, when its response is being sent. */
  onComplete(record: AccessRecord): void;
  /** The counters of all processes of the gateway, for its own routes. */
  gatewayReport(): Promise<GatewayReport>;
}

const CONNECT_MS = 3_000;
/** uvicorn closes a connection that was idle for 5 s; a request sent at that moment would be lost. */
const IDLE_MS = 4_000;
const SWEEP_MS = 1_000;
/** Bytes that requests and responses may hold together, at the least; else a quarter of the machine's memory. */
const LEAST_MEMORY = 2 ** 30;

export class GatewayProcess {
  private readonly now: () => number;
  private readonly balancer = new Balancer<Endpoint>();
  private isAnnounced = true;
  private slots: ReadonlyMap<string, number> = new Map();
  private readonly endpoints: Endpoints;
  private readonly proxy: HttpProxy;
  private readonly frontend: HttpFrontend;
  private readonly options: ProcessOptions;
  private readonly retries = new Map<Cause, number>();
  private readonly ends: GatewayCounts['ends'] = { answer: 0, infra: 0, refused: 0, too_long: 0, gone: 0 };
  private readonly failed = new Map<FailureCause, number>();
  private readonly waited = new Histogram();
  private readonly took = new Histogram();
  private readonly sweeper: NodeJS.Timeout;

  constructor(options: ProcessOptions, events: ProcessEvents, clock: Clock = SYSTEM_CLOCK) {
    this.options = options;
    const { now, after } = clock;
    this.now = now;
    const { balancer } = this;
    const descriptors = new Descriptors();
    const warn = exhaustionWarning('this gateway', now, events.onLog);
    const warnExhausted = () => warn(descriptors.limit);
    const deadlines = new Deadlines(clock);
    const { endpointToken, token } = options;
    const authorization = endpointToken === null ? undefined : `Bearer ${endpointToken}`;
    this.endpoints = new Endpoints({
      ...{ balancer, deadlines, now, after },
      pool: { connectMs: CONNECT_MS, idleMs: IDLE_MS, maxBodyBytes: MAX_ANSWER, now, descriptors },
      defaultLimit: options.defaultLimit,
      slots: (url, limit) => (options.shared ? (this.slots.get(url) ?? 0) : limit),
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
      standsOut: (endpoint) => this.endpoints.standsOut(endpoint),
      verify: (...verification) => this.endpoints.verify(...verification),
      expectedMs: () => this.endpoints.expectedMs,
      onRetry: (cause) => this.retries.set(cause, (this.retries.get(cause) ?? 0) + 1),
      onComplete: (record) => {
        this.count(record);
        events.onComplete(record);
      },
    });
    const serveOwnRoute = gatewayRoutes({
      report: events.gatewayReport,
      allowed: tokenGuard(token),
      foreign: foreignRequestGuard(options.hosts ?? null),
      secret: options.secret ?? null,
      nonce: options.nonce,
      page: options.page,
      ready: (port) => (this.isAnnounced && this.frontend.isCurrent(port) ? this.endpoints.inRotation : 0),
    });
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      if (!serveOwnRoute(request, response)) void this.proxy.handle(request, response);
    };
    this.frontend = new HttpFrontend(handle, descriptors, warnExhausted);
    this.sweeper = setInterval(() => this.endpoints.sweep(), SWEEP_MS);
  }

  async listen(): Promise<string> {
    try {
      return await this.frontend.listen(this.options.host, this.options.port);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  announce(isReady: boolean): void {
    this.isAnnounced = isReady;
  }

  takePort(name: string): Promise<number | null> {
    return this.frontend.takePort(name);
  }

  givePort(name: string): void {
    this.frontend.givePort(name);
  }

  set(endpoints: readonly GatewayEndpoint[]): void {
    this.endpoints.set(endpoints);
  }

  /** The slots that are ours, if the endpoints are shared. */
  setSlots(slots: ReadonlyMap<string, number>): void {
    this.slots = slots;
    this.endpoints.updateLimits();
  }

  usage(): Usage {
    const [inUse, totals, healthy] = [
      new Map<string, number>(),
      new Map<string, number>(),
      new Set<string>(),
    ];
    let busy = 0;
    for (const { info, inFlight, draining, totalLimit, healthy: isHealthy } of this.endpoints.all) {
      busy += inFlight;
      if (inFlight > 0) inUse.set(info.url, (inUse.get(info.url) ?? 0) + inFlight);
      if (draining) continue;
      totals.set(info.url, totalLimit);
      if (isHealthy) healthy.add(info.url);
    }
    return { waiting: this.balancer.queued, busy, inUse, totals, healthy };
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
      failed: Object.fromEntries(this.failed),
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
    this.endpoints.close();
  }

  private count({ end, cause, waited, took }: AccessRecord): void {
    this.ends[end] += 1;
    if (cause !== null) this.failed.set(cause, (this.failed.get(cause) ?? 0) + 1);
    this.waited.add(waited);
    this.took.add(took);
  }
}
