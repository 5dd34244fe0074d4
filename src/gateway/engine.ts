import type { IncomingMessage, ServerResponse } from 'node:http';
import { Balancer } from './balance/balancer.js';
import { Deadlines } from './deadlines.js';
import { Shares } from './fair-share/shares.js';
import type { View } from './fair-share/slot-counts.js';
import { guard } from './http/guard.js';
import { ownRoutes } from './http/own-routes.js';
import { Front } from './http/server.js';
import { changeLine } from './log-lines.js';
import type { Member } from './member.js';
import { Members } from './members.js';
import { endpointCounts, type GatewayCounts } from './metrics/counts.js';
import { Histogram } from './metrics/stats.js';
import { type Access, HttpProxy } from './proxy.js';
import type { Cause, GatewayEndpoint } from './types.js';

/** Who shares the endpoints: the gateways of a fleet, and in each its processes. */
export const LEVELS = ['gateways', 'processes'] as const;
export type Level = (typeof LEVELS)[number];

/** Milliseconds until all of a level have seen what changed at one: files on NFS, or messages on one machine. */
const SETTLE_MS: Readonly<Record<Level, number>> = { gateways: 10_000, processes: 500 };

/** What one process of a gateway is told to do; plain data, since it may be sent to another. */
export interface EngineOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** What callers must send; null: nothing. */
  token: string | null;
  /** By which the job that started it knows it again: `/healthz` tells it; null for none. */
  nonce: string | null;
  /** HTML of the status page; null for none. */
  page: string | null;
  /** What the servers ask for; null: nothing. */
  endpointToken: string | null;
  /** Bytes of the longest request. */
  bodyLimit: number;
  /** Runs at once on an endpoint whose CPUs nobody knows. */
  defaultLimit: number;
  /** Requests that may wait for a slot. */
  longestQueue: number;
  /** Seconds that the most patient caller is kept waiting. */
  longestPatience: number;
  /** Tries of a request that reached a server. */
  tries: number;
  /** Seconds between canaries, and that one may take. */
  canaryEvery: number;
  canaryTimeout: number;
}

export interface EngineEvents {
  /** Something that a person would want to know, as one line. */
  told(line: string): void;
  /** How many endpoints are in rotation, whenever that changes. */
  rotation(count: number): void;
  /** Called once for every request, when its answer is on its way. */
  access(access: Access): void;
  /** What the whole gateway counted. */
  whole(): Promise<GatewayCounts>;
}

const CONNECT_MS = 3_000;
/** uvicorn closes a connection that was idle for 5 s, and a request that meets that is lost. */
const IDLE_MS = 4_000;
/** The longest text of V8 has 2^29 - 24 characters, and an answer is judged as one. */
const ANSWER_CAP = 2 ** 29 - 24;
const SWEEP_MS = 1_000;

/** All that one process of a gateway does. */
export class Engine {
  private readonly now = () => performance.now();
  private readonly balancer = new Balancer<Member>();
  private readonly shares: Record<Level, Shares>;
  private readonly members: Members;
  private readonly proxy: HttpProxy;
  private readonly front: Front;
  private readonly options: EngineOptions;
  private readonly retries = new Map<Cause, number>();
  private readonly ends: GatewayCounts['ends'] = { answer: 0, infra: 0, refused: 0, too_long: 0, gone: 0 };
  private readonly waited = new Histogram();
  private readonly took = new Histogram();
  private readonly sweeper: NodeJS.Timeout;
  private sharing: NodeJS.Timeout | undefined;
  private most = 0;

  constructor(options: EngineOptions, events: EngineEvents) {
    this.options = options;
    const { now, balancer } = this;
    const deadlines = new Deadlines(now);
    const { endpointToken, token } = options;
    const authorization = endpointToken === null ? undefined : `Bearer ${endpointToken}`;
    const share = (level: Level) => new Shares(SETTLE_MS[level], now);
    this.shares = { gateways: share('gateways'), processes: share('processes') };
    for (const level of LEVELS) this.see(level, ALONE, true);
    this.members = new Members({
      ...{ balancer, deadlines, now },
      pool: { connectMs: CONNECT_MS, idleMs: IDLE_MS, cap: ANSWER_CAP, now },
      defaultLimit: options.defaultLimit,
      part: (url, limit, total) => this.part(url, limit, total),
      everyMs: options.canaryEvery * 1000,
      timeoutMs: options.canaryTimeout * 1000,
      headers: `content-type: application/json\r\n${authorization === undefined ? '' : `authorization: ${authorization}\r\n`}`,
      changed: (member, what) => {
        events.told(changeLine(member, what));
        events.rotation(this.members.inRotation);
      },
    });
    this.proxy = new HttpProxy({
      ...{ balancer, deadlines, now, authorization, ...options },
      saw: (...seen) => this.members.saw(...seen),
      verify: (...what) => this.members.verify(...what),
      retried: (cause) => this.retries.set(cause, (this.retries.get(cause) ?? 0) + 1),
      began: () => {
        this.most = Math.max(this.most, this.proxy.underWay);
      },
      over: (access) => {
        this.count(access);
        events.access(access);
      },
    });
    const allowed = guard(token);
    const own = ownRoutes({
      whole: events.whole,
      nonce: options.nonce,
      page: options.page,
      ready: () => (this.front.draining ? 0 : this.members.inRotation),
    });
    this.front = new Front((request: IncomingMessage, response: ServerResponse) => {
      if (!own(request, response, allowed)) void this.proxy.handle(request, response);
    });
    this.sweeper = setInterval(() => this.members.sweep(), SWEEP_MS);
  }

  /** Resolves with the URL. Rejects with what listen() throws, and leaves nothing behind. */
  async listen(): Promise<string> {
    try {
      return await this.front.listen(this.options.host, this.options.port);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** These endpoints are the fleet now. */
  set(endpoints: readonly GatewayEndpoint[]): void {
    this.members.set(endpoints);
  }

  /** Who else uses them. `settled`: that is known to all for long. */
  see(level: Level, view: View, settled = false): void {
    this.shares[level].see(view, settled);
    this.share();
  }

  /** The most requests that were under way at once since this was asked last. */
  demand(): number {
    const { most } = this;
    this.most = this.proxy.underWay;
    return Math.max(most, this.most);
  }

  counts(): GatewayCounts {
    const at = this.now();
    const isoOf = (time: number) => new Date(performance.timeOrigin + time).toISOString();
    return {
      draining: this.front.draining,
      endpoints: this.members.all.map((member) => endpointCounts(member, at, isoOf)),
      waiting: this.balancer.queued,
      longest: this.options.longestQueue,
      under_way: this.proxy.underWay,
      ends: this.ends,
      retries: Object.fromEntries(this.retries),
      waited: this.waited,
      took: this.took,
      outages: 0,
    };
  }

  /** No new connections; requests under way may end, for so many seconds. */
  async close(grace: number): Promise<void> {
    await this.front.drain(grace * 1000);
    this.end();
  }

  private end(): void {
    clearInterval(this.sweeper);
    clearTimeout(this.sharing);
    this.members.close();
  }

  private part(url: string, limit: number, total: number): number {
    const { gateways, processes } = this.shares;
    return processes.part(url, gateways.part(url, limit, total), total);
  }

  private share(): void {
    // Asked first: what settles meanwhile is then seen at the next look, and not never.
    const waits = LEVELS.flatMap((level) => this.shares[level].unsettledMs ?? []);
    clearTimeout(this.sharing);
    if (waits.length > 0) this.sharing = setTimeout(() => this.share(), Math.min(...waits) + 1);
    this.members?.share();
  }

  private count({ end, waited, took }: Access): void {
    this.ends[end] += 1;
    this.waited.add(waited);
    this.took.add(took);
  }
}

const ALONE: View = { self: '', demands: new Map([['', 0]]), turn: 0 };
