import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Bodies, NoRoom, Stalled } from '../../src/http/bodies.js';
import { Transfers } from '../../src/http/transfers.js';

/** A request whose body is whatever is written to it. */
function request() {
  const body = new PassThrough();
  return { body, message: body as unknown as IncomingMessage };
}

const later = () => new Promise((resolve) => setImmediate(resolve));

const BIG = 100_000;

test('bodies together have a bound; what is answered makes room, and so does who goes away', async () => {
  const bodies = new Bodies(new Transfers(10, { reserve: 0 }), BIG);
  const [one, two, three, four] = [request(), request(), request(), request()];
  let answer = () => {};
  const first = bodies.with(one.message, async (body) => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return String(body);
  });
  one.body.end('12345678');
  const second = expect(bodies.with(two.message, async () => 'let in')).rejects.toThrow(NoRoom);
  two.body.end('abc');
  await second;
  const third = expect(bodies.with(three.message, async () => 'let in')).rejects.toThrow('gone');
  three.body.write('ab');
  await later();
  three.body.destroy(new Error('gone'));
  await third;
  answer();
  expect(await first).toBe('12345678');
  const fourth = bodies.with(four.message, async (body) => String(body));
  four.body.end('0123456789');
  expect(await fourth).toBe('0123456789');
});

test('a body that stands still is given up: after its patience, and at once where others need its room', async () => {
  let now = 0;
  const bodies = new Bodies(new Transfers(10, { now: () => now, reserve: 0, sweepMs: 1 }), BIG);
  const [half, other, still] = [request(), request(), request()];
  const stalled = expect(bodies.with(half.message, async () => 'let in')).rejects.toThrow(Stalled);
  half.body.write('12345678');
  await later();
  now = 3_000;
  const second = bodies.with(other.message, async (body) => String(body));
  other.body.end('abc');
  expect(await second).toBe('abc');
  await stalled;
  const third = expect(bodies.with(still.message, async () => 'let in')).rejects.toThrow(
    'did not move for 30 s',
  );
  still.body.write('ab');
  await later();
  now = 60_000;
  await third;
});

test('a body in single bytes is read with pauses, and comes whole', async () => {
  const bodies = new Bodies(new Transfers(BIG), BIG);
  const { body, message } = request();
  let rests = 0;
  const { pause } = body;
  body.pause = () => {
    rests += 1;
    return pause.call(body);
  };
  const read = bodies.with(message, async (all) => all?.length);
  for (let sent = 0; sent < 5_000; sent += 1) body.write('x');
  body.end();
  expect(await read).toBe(5_000);
  expect(rests).toBeGreaterThanOrEqual(Math.floor(5_000 / 256));
});

test('a body that is too long is read to its end, and not kept', async () => {
  const bodies = new Bodies(new Transfers(BIG), 10);
  const { body, message } = request();
  const read = bodies.with(message, async (all) => all);
  for (let sent = 0; sent < 100; sent += 1) body.write('0123456789');
  body.end();
  expect(await read).toBeUndefined();
});
