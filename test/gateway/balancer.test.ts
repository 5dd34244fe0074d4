import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backend } from '../../src/gateway/balance/backend.js';
import { Balancer, type SlotRequest } from '../../src/gateway/balance/balancer.js';

interface Server extends Backend {
  name: number;
}

function server(name: number, limit: number, healthy = true): Server {
  const counts = { inFlight: 0, cooling: 0, failures: 0, successes: 0, lastChosen: 0 };
  return { name, limit, healthy, ...counts, heapIndex: -1 };
}

interface Request extends SlotRequest<Server> {
  tried: Map<Server, number>;
  on: Server | undefined;
}

function request(balancer: Balancer<Server>, caller = 'a', tried = new Map<Server, number>()): Request {
  const made: Request = {
    ...{ caller, tried, isRetry: tried.size > 0, on: undefined },
    onGranted: (backend) => {
      made.on = backend;
    },
  };
  made.on = balancer.tryAcquire(made);
  if (made.on === undefined) balancer.enqueue(made);
  return made;
}

test('the balancer chooses the server with the smallest fraction of its limit in use, and equal servers in turn', () => {
  const balancer = new Balancer<Server>();
  const [small, large] = [server(0, 2), server(1, 6)];
  balancer.add(small);
  balancer.add(large);
  const names = Array.from({ length: 8 }, () => request(balancer).on?.name);
  expect(names.filter((name) => name === 0)).toHaveLength(2);
  expect(names.slice(0, 4).filter((name) => name === 0)).toHaveLength(1);
  expect(request(balancer).on).toBeUndefined();
});

test('a failed run counts as one under way, but takes no slot', () => {
  const balancer = new Balancer<Server>();
  const [failing, good] = [server(0, 2), server(1, 2)];
  balancer.add(failing);
  balancer.add(good);
  balancer.update(failing, { cooling: 3 });
  const names = Array.from({ length: 4 }, () => request(balancer).on?.name);
  expect(names).toEqual([1, 1, 0, 0]);
});

test('queued callers take turns, and requests of one caller keep their order', () => {
  const balancer = new Balancer<Server>();
  const only = server(0, 1);
  balancer.add(only);
  const order: string[] = [];
  const ask = (name: string) => {
    const asking: SlotRequest<Server> = {
      ...{ caller: name.slice(0, 1), isRetry: false, tried: new Map() },
      onGranted: () => order.push(name),
    };
    if (balancer.tryAcquire(asking) === undefined) balancer.enqueue(asking);
  };
  for (const name of ['x0', 'a1', 'a2', 'a3', 'b1', 'c1', 'b2']) ask(name);
  for (let left = 6; left > 0; left -= 1) balancer.release(only);
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('a retry goes to another server, and back to a failed one only after a success there', () => {
  const balancer = new Balancer<Server>();
  const [first, second, ejected] = [server(0, 1), server(1, 1), server(2, 4, false)];
  for (const each of [first, second, ejected]) balancer.add(each);
  expect(request(balancer, 'a', new Map([[first, 0]])).on).toBe(second);
  // Both in rotation failed it: better one that is out than none.
  const tried = new Map([first, second].map((each) => [each, 0]));
  expect(request(balancer, 'a', tried).on).toBe(ejected);
  tried.set(ejected, 0);
  const again = request(balancer, 'a', tried);
  expect(again.on).toBeUndefined();
  balancer.update(first, { successes: 1 });
  expect(again.on).toBe(first);
});

test('a server out of rotation gets one run at a time, and none while another is in rotation', () => {
  const balancer = new Balancer<Server>();
  const [bad, good] = [server(0, 8, false), server(1, 1, false)];
  balancer.add(bad);
  balancer.add(good);
  balancer.update(good, { healthy: true });
  expect(request(balancer).on).toBe(good);
  const waiting = request(balancer);
  expect(waiting.on).toBeUndefined();
  balancer.update(good, { healthy: false });
  expect(waiting.on).toBe(bad);
  expect(request(balancer).on).toBeUndefined();
});

test('a removed server gets no more requests, also when one of its runs ends', () => {
  const balancer = new Balancer<Server>();
  const only = server(0, 1);
  balancer.add(only);
  request(balancer);
  const waiting = request(balancer);
  balancer.remove(only);
  balancer.release(only);
  expect([waiting.on, only.inFlight]).toEqual([undefined, 0]);
  balancer.add(server(1, 1));
  expect(waiting.on?.name).toBe(1);
});

test('when the last server in rotation is removed, queued requests go to one that is out of rotation', () => {
  const balancer = new Balancer<Server>();
  const [good, bad] = [server(0, 1), server(1, 1, false)];
  balancer.add(good);
  balancer.add(bad);
  request(balancer);
  const waiting = request(balancer);
  balancer.remove(good);
  expect(waiting.on).toBe(bad);
});

/** Any series of events: requests, ends, failures, give-ups, and changes of endpoints. */
const EVENTS = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask'), at: fc.nat(3) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('end', 'fail', 'leave'), at: fc.nat(40) }) },
    {
      arbitrary: fc.record({ kind: fc.constantFrom('in', 'out', 'prove', 'toggle'), at: fc.nat(4) }),
      weight: 2,
    },
    { arbitrary: fc.record({ kind: fc.constantFrom('more', 'less'), at: fc.nat(4) }), weight: 1 },
  ),
  { maxLength: 200 },
);

test('the balancer never exceeds a limit, loses a request or queues one beside a usable free slot', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
      EVENTS,
      (limits, events) => {
        const balancer = new Balancer<Server>();
        const servers = limits.map((limit, name) => server(name, limit));
        const members = new Set(servers);
        for (const each of servers) balancer.add(each);
        let running: Request[] = [];
        let waiting: Request[] = [];
        for (const { kind, at } of events) {
          const target = servers[at % servers.length] as Server;
          const over = servers.map((each) => Math.max(0, each.inFlight - each.limit));
          if (kind === 'ask') {
            const made = request(balancer, 'abcd'[at]);
            (made.on === undefined ? waiting : running).push(made);
          } else if ((kind === 'end' || kind === 'fail') && running.length > 0) {
            const [ended] = running.splice(at % running.length, 1) as [Request];
            const on = ended.on as Server;
            if (kind === 'fail') {
              const made = request(balancer, ended.caller, new Map(ended.tried).set(on, on.successes));
              (made.on === undefined ? waiting : running).push(made);
            }
            balancer.release(on);
          } else if (kind === 'leave' && waiting.length > 0) {
            const [left] = waiting.splice(at % waiting.length, 1) as [Request];
            expect(balancer.dequeue(left)).toBe(true);
          } else if (kind === 'in') balancer.update(target, { healthy: true, failures: 0 });
          else if (kind === 'out') balancer.update(target, { healthy: false, failures: target.failures + 1 });
          else if (kind === 'prove') balancer.update(target, { successes: target.successes + 1 });
          else if (kind === 'more') balancer.update(target, { limit: target.limit + 1 });
          else if (kind === 'less') balancer.update(target, { limit: Math.max(0, target.limit - 1) });
          else if (kind === 'toggle' && members.delete(target)) balancer.remove(target);
          else if (kind === 'toggle') {
            members.add(target);
            balancer.add(target);
          }
          running = [...running, ...waiting.filter(({ on }) => on !== undefined)];
          waiting = waiting.filter(({ on }) => on === undefined);

          for (const each of servers) {
            expect(each.inFlight).toBe(running.filter(({ on }) => on === each).length);
            // Above it only where the limit itself went down, and never more than before.
            const allowed = Math.max(0, each.inFlight - each.limit);
            expect(allowed).toBeLessThanOrEqual((over[each.name] ?? 0) + (kind === 'less' ? 1 : 0));
          }
          expect(balancer.queued).toBe(waiting.length);
          const well = [...members].filter(({ healthy, limit }) => healthy && limit > 0);
          const free = well.filter(({ inFlight, limit }) => inFlight < limit);
          for (const { tried } of waiting) expect(free.filter((each) => !tried.has(each))).toEqual([]);
          if (well.length === 0) {
            const idle = [...members].filter(({ inFlight, limit }) => inFlight === 0 && limit > 0);
            for (const { tried } of waiting) expect(idle.filter((each) => !tried.has(each))).toEqual([]);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
