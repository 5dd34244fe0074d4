import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Bodies } from '../../../src/sandbox/http/body.js';

/** A request whose body is whatever is written to it. */
function request() {
  const body = new PassThrough();
  return { body, message: body as unknown as IncomingMessage };
}

const later = () => new Promise((resolve) => setImmediate(resolve));

test('bodies together have a bound; what is answered makes room, and so does who goes away', async () => {
  const bodies = new Bodies(10);
  const [one, two, three, four] = [request(), request(), request(), request()];
  let answer = () => {};
  const first = bodies.with(one.message, async (body) => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return String(body);
  });
  one.body.end('12345678');
  const second = expect(bodies.with(two.message, async () => 'let in')).rejects.toThrow(
    '10 bytes are under way',
  );
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
