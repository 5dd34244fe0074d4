import { afterEach, expect, it } from 'vitest';
import { HttpFrontend } from '../../src/gateway/http/frontend.js';
import { Descriptors } from '../../src/node/descriptors.js';
import { until } from '../support/until.js';

const open: HttpFrontend[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.drain(0))));

/** A gateway that answers with its own name. */
async function gateway(says: string) {
  const frontend = new HttpFrontend(
    (_request, response) => response.end(says),
    new Descriptors(Number.POSITIVE_INFINITY),
    () => undefined,
  );
  open.push(frontend);
  return { frontend, url: await frontend.listen('127.0.0.1', 0) };
}

const name = (what: string) => `sandboxctl.test.${process.pid}.${what}`;
const ask = async (url: string) => (await fetch(url)).text();

it('the port of a gateway goes on to the next one, and to the one after it, and no request fails', async () => {
  const { frontend: first, url } = await gateway('first');
  const answers: string[] = [];
  let over = false;
  const load = (async () => {
    while (!over) answers.push(await ask(url));
  })();
  first.givePort(name('chain'));
  for (const next of ['second', 'third']) {
    const { frontend } = await gateway(next);
    await until(`${next} has the port`, async () => {
      const port = await frontend.takePort(name('chain'));
      return port !== null && port === Number(new URL(url).port);
    });
    frontend.givePort(name('chain'));
    await until(`${next} answers`, async () => (await ask(url)) === next);
  }
  over = true;
  await load;
  expect([...new Set(answers)]).toEqual(['first', 'second', 'third']);
});

it('without a gateway before it, or one of another fleet, it has its own port alone', async () => {
  const { frontend: other, url } = await gateway('other');
  other.givePort(name('other'));
  const { frontend } = await gateway('own');
  expect(await frontend.takePort(name('none'))).toBeNull();
  expect(await ask(url)).toBe('other');
});

it('the port of a gateway that has ended is free', async () => {
  const { frontend, url } = await gateway('ended');
  frontend.givePort(name('ended'));
  await frontend.drain(0);
  open.splice(open.indexOf(frontend), 1);
  await until('a free port', () =>
    ask(url).then(
      () => false,
      () => true,
    ),
  );
  const { frontend: next } = await gateway('next');
  expect(await next.takePort(name('ended'))).toBeNull();
});
