import type { IncomingMessage, ServerResponse } from 'node:http';
import { Balancer } from './balance/balancer.js';
import { Deadlines } from './deadlines.js';
import { say, sayText } from './http/answer.js';
import { guard } from './http/guard.js';
import { Front } from './http/server.js';
import type { Member } from './member.js';
import { Members } from './members.js';
import { type Access, HttpProxy } from './proxy.js';
import { endpointSnapshot, type GatewaySnapshot } from './snapshot.js';
import type { Cause, GatewayEndpoint } from './types.js';

export interface GatewayOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** The fleet, again whenever it changes. Ended by `close`. */
  endpoints: AsyncIterable<readonly GatewayEndpoint[]>;
  /** What callers must send; null: nothing. */
  token: string | null;
  /** By which the job that started it knows it again: `/healthz` tells it. */
  nonce?: string | null;
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
  /** Something that a person would want to know, as one line. */
  told(line: string): void;
  /** Called once for every request, when its answer is on its way. */
  access?(access: Access): void;
  /** Further routes below `/_sandboxctl`. */
  page?(path: string, snapshot: () => GatewaySnapshot): { type: string; text: string } | undefined;
}

export interface Gateway {
  url: string;
  snapshot(): GatewaySnapshot;
  /** No new connections; requests under way may end, for so many seconds. */
  close(grace: number): Promise<void>;
}

const CONNECT_MS = 3_000;
const IDLE_MS = 4_000;
/** The longest text of V8 has 2^29 - 24 characters, and an answer is judged as one. */
const ANSWER_CAP = 2 ** 29 - 24;
const SWEEP_MS = 1_000;

/** Starts a gateway. Rejects with what listen() throws. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const now = () => performance.now();
  const began = Date.now();
  const isoOf = (at: number) => new Date(performance.timeOrigin + at).toISOString();
  const balancer = new Balancer<Member>();
  const deadlines = new Deadlines(now);
  const authorization = options.endpointToken === null ? undefined : `Bearer ${options.endpointToken}`;
  const members = new Members({
    balancer,
    deadlines,
    now,
    pool: { connectMs: CONNECT_MS, idleMs: IDLE_MS, cap: ANSWER_CAP, now },
    defaultLimit: options.defaultLimit,
    everyMs: options.canaryEvery * 1000,
    timeoutMs: options.canaryTimeout * 1000,
    headers: `content-type: application/json\r\n${authorization === undefined ? '' : `authorization: ${authorization}\r\n`}`,
    changed: (member, what) => options.told(changeLine(member, what)),
  });
  const retries = new Map<Cause, number>();
  const ends: Record<Access['end'], number> = { answer: 0, infra: 0, refused: 0, too_long: 0, gone: 0 };
  const proxy = new HttpProxy({
    ...{ balancer, deadlines, now, authorization },
    ...{ tries: options.tries, longestQueue: options.longestQueue },
    ...{ longestPatience: options.longestPatience, bodyLimit: options.bodyLimit },
    saw: (...seen) => members.saw(...seen),
    retried: (cause) => retries.set(cause, (retries.get(cause) ?? 0) + 1),
    over: (access) => {
      ends[access.end] += 1;
      options.access?.(access);
    },
  });
  const snapshot = (): GatewaySnapshot => {
    const at = now();
    return {
      schema_version: 1,
      since: new Date(began).toISOString(),
      time: new Date().toISOString(),
      draining: front.draining,
      endpoints: members.all.map((member) => endpointSnapshot(member, at, isoOf)),
      queue: { waiting: balancer.queued, longest: options.longestQueue },
      requests: {
        ...{ under_way: proxy.underWay, answered: ends.answer },
        ...{ failed: ends.infra, refused: ends.refused, gone: ends.gone },
      },
      retries: Object.fromEntries(retries),
    };
  };
  const allowed = guard(options.token);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '' } = request;
    if (url === '/healthz') {
      const ready = front.draining ? 0 : members.inRotation;
      const nonce = options.nonce == null ? {} : { nonce: options.nonce };
      say(response, ready > 0 ? 200 : 503, { ready, ...nonce });
    } else if (!allowed(request)) {
      say(response, 401, { detail: 'Not authenticated' }, { 'www-authenticate': 'Bearer' });
    } else if (!url.startsWith('/')) {
      say(response, 400, { detail: 'the request names no path' });
    } else if (/^\/_sandboxctl(?=[/?]|$)/.test(url)) {
      const page = options.page?.(url.split('?', 1)[0] ?? '', snapshot);
      if (page === undefined) say(response, 404, { detail: 'Not Found' });
      else sayText(response, 200, page.text, { 'content-type': page.type });
    } else {
      void proxy.handle(request, response);
    }
  };
  const front = new Front(handle);
  const url = await front.listen(options.host, options.port);
  const sweeper = setInterval(() => members.sweep(), SWEEP_MS);
  const listing = options.endpoints[Symbol.asyncIterator]();
  void follow(listing, (endpoints) => members.set(endpoints));
  return {
    url,
    snapshot,
    close: async (grace) => {
      await front.drain(grace * 1000);
      clearInterval(sweeper);
      await listing.return?.();
      members.close();
    },
  };
}

async function follow<T>(listing: AsyncIterator<T>, take: (value: T) => void): Promise<void> {
  for (let next = await listing.next(); next.done !== true; next = await listing.next()) take(next.value);
}

function changeLine({ endpoint, health }: Member, what: 'added' | 'removed' | 'in' | 'out'): string {
  const { url, node } = endpoint;
  const place = node === null ? url : `${url} (${node})`;
  switch (what) {
    case 'added':
      return `${place}: listed`;
    case 'removed':
      return `${place}: no longer listed, ends its runs`;
    case 'in':
      return `${place}: in rotation`;
    case 'out':
      return `${place}: out of rotation: ${health.ejections[0]?.reason ?? 'failed'}`;
  }
}
