import { expect, onTestFinished, test } from 'vitest';
import { finished } from '../client/servers.js';
import { gatewayFor } from './start.js';
import { type Upstream, upstream } from './upstream.js';

const HEADER = 'x-sandboxctl-infra-error';

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

const ended = (code: number) => finished('so f', { return_code: code });

/** Answers its first run as a server does whose processes are being ended, and no canary after that. */
function dying(code: number): Promise<Upstream> {
  let ending = false;
  return server(
    ({ response }) => {
      ending = true;
      response.end(ended(code));
    },
    (response, printed) => {
      if (ending) response.destroy();
      else response.end(printed);
    },
  );
}

test.each([-15, -9, 143, 137])(
  'a run that ended with code %i is retried elsewhere if its server dies a moment later',
  async (code) => {
    const bad = await dying(code);
    const gateway = await gatewayFor([bad.url]);
    await expect.poll(() => bad.canaries).toBeGreaterThan(0);
    const answer = gateway.run();
    await expect.poll(() => bad.runs).toBe(1);
    const well = await server();
    gateway.listing.set([bad.url, well.url]);
    expect(await (await answer).json()).toMatchObject({
      status: 'Success',
      run_result: { stdout: 'hello\n' },
    });
    expect([bad.runs, well.runs]).toEqual([1, 1]);
  },
);

test('a result that is held for its health check takes no slot, and becomes an infra failure if there is no other server', async () => {
  const bad = await dying(-15);
  const gateway = await gatewayFor([bad.url], { limit: 1, tries: 1 });
  // Without a compile timeout, the client waits for 2 s beyond the run's own.
  const answer = gateway.run({ code: 'print(1)', language: 'python', run_timeout: 3 });
  await expect
    .poll(async () => (await gateway.counts()).endpoints)
    .toMatchObject([{ in_flight: 0, held: 1 }]);
  const told = await answer;
  expect([told.status, told.headers.get(HEADER)]).toEqual([
    504,
    expect.stringMatching(/unverified: ended by a signal/),
  ]);
  expect((await gateway.counts()).endpoints).toMatchObject([{ in_flight: 0, held: 0 }]);
});

test.each([-15, -9, 143, 137])(
  'a run that ended with code %i is passed on if its server is healthy afterwards, and ran once',
  async (code) => {
    const one = await server(({ response }) => void response.end(ended(code)));
    const gateway = await gatewayFor([one.url]);
    expect(await (await gateway.run()).json()).toMatchObject({
      status: 'Failed',
      run_result: { return_code: code },
    });
    expect(one.runs).toBe(1);
  },
);

test('each doubtful result has a health check of its own, however rare the scheduled ones are', {
  tags: 'matrix',
}, async () => {
  const one = await server(({ response }) => void response.end(ended(-9)));
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  await expect.poll(() => one.canaries).toBe(1);
  for (let count = 1; count <= 8; count += 1) {
    expect(await (await gateway.run()).json()).toMatchObject({ run_result: { return_code: -9 } });
    expect([one.runs, one.canaries]).toEqual([count, 1 + count]);
  }
});

test('a health check that times out is repeated as long as the server is in rotation', async () => {
  let late = 1;
  const one = await server(
    ({ response }) => void response.end(ended(-9)),
    (response, printed) => {
      if (one.runs === 0 || late-- <= 0) response.end(printed);
    },
  );
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  await expect.poll(() => one.canaries).toBe(1);
  expect(await (await gateway.run()).json()).toMatchObject({ run_result: { return_code: -9 } });
  expect(one.runs).toBe(1);
});

test('a health check that times out is not repeated for a server that has left the list', async () => {
  let answer = (): void => undefined;
  let hangs = false;
  const one = await server(
    ({ response }) => {
      answer = () => void response.end(ended(-9));
    },
    (response, printed) => {
      if (!hangs) response.end(printed);
    },
  );
  const gateway = await gatewayFor([one.url]);
  const asked = gateway.run();
  await expect.poll(() => one.runs).toBe(1);
  const well = await server();
  gateway.listing.set([well.url]);
  await expect.poll(async () => (await gateway.counts()).endpoints).toHaveLength(2);
  hangs = true;
  answer();
  expect(await (await asked).json()).toMatchObject({ status: 'Success', run_result: { stdout: 'hello\n' } });
  expect(well.runs).toBe(1);
});

test('one health check serves all results that wait for it', async () => {
  const one = await server(({ response }) => void response.end(ended(-15)));
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  await expect.poll(() => one.canaries).toBe(1);
  const answers = await Promise.all(Array.from({ length: 16 }, () => gateway.run()));
  expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
  // All 16 come within the same moment; what a busy machine spreads apart takes one more each.
  expect(one.canaries).toBeLessThan(16);
});

test('a server that has left the list still gets the health check for its results', async () => {
  let answer = (): void => undefined;
  const one = await server(({ response }) => {
    answer = () => void response.end(ended(-15));
  });
  const gateway = await gatewayFor([one.url]);
  const asked = gateway.run();
  await expect.poll(() => one.runs).toBe(1);
  gateway.listing.set([]);
  await expect.poll(async () => (await gateway.counts()).endpoints).toMatchObject([{ state: 'draining' }]);
  answer();
  expect(await (await asked).json()).toMatchObject({ status: 'Failed', run_result: { return_code: -15 } });
});
