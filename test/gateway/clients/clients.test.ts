import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forkUpstream, type UpstreamProcess } from '../stubs/process.js';
import { answerTo, type Mischief, startUpstream, type Upstream } from '../stubs/upstream.js';
import { ALL_FAILED, asServer, guideExec } from './guide.js';
import { sdkRunCode } from './sdk.js';
import { verlCase } from './verl.js';

/** What the clients do without a gateway: the facts that it is built on, and that the replays replay. */

let upstream: Upstream;
const slept: number[] = [];
const sleep = async (ms: number) => {
  slept.push(ms);
};
const CODE = 'print("42")';
const verl = (code = CODE) => verlCase(upstream.url, { code, expected: '42' }, sleep);

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());

async function triesOf(mischief: Mischief | null, client: () => Promise<unknown>): Promise<number> {
  await upstream.behave({ mischief });
  const before = (await upstream.counts()).runs;
  await client().catch(() => undefined);
  return (await upstream.counts()).runs - before;
}

describe('verl', () => {
  test.each<[Mischief | null, number]>([
    [null, 1],
    [504, 3],
    [503, 1],
    [429, 1],
    [500, 1],
    ['sandbox-error', 1],
    ['reset', 1],
    ['half', 1],
  ])('after %s makes %i attempts', async (mischief, tries) => {
    expect(await triesOf(mischief, verl)).toBe(tries);
  });

  test('waits one second, then two, and then counts a failed sandbox as a wrong program', async () => {
    await upstream.behave({ mischief: 504 });
    slept.length = 0;
    expect(await verl()).toBe(-1);
    expect(slept).toEqual([1000, 2000]);
  });

  test.each([
    ['print("42")', true],
    ['print("41")', false],
    ['exit(3)', -2],
    ['# timeout', -3],
  ])('judges %j as %s', async (code, result) => {
    await upstream.behave({ mischief: null });
    expect(await verl(code)).toBe(result);
  });
});

describe('the SDK', () => {
  test.each<[Mischief | null, number]>([
    [null, 1],
    ['sandbox-error', 5],
    [503, 5],
    ['nothing', 5],
  ])('after %s makes %i attempts', async (mischief, tries) => {
    expect(await triesOf(mischief, () => sdkRunCode(upstream.url, CODE, sleep))).toBe(tries);
  });
});

describe("Reasoning360's client", () => {
  test('sends everything to the first host, and counts a SandboxError as a failed program', async () => {
    const other = await startUpstream();
    const servers = [asServer(upstream.url), asServer(other.url)];
    await upstream.behave({ mischief: null });
    for (let turn = 0; turn < 5; turn += 1) expect(await guideExec(servers, CODE)).toEqual([true, '42\n']);
    expect((await other.counts()).runs).toBe(0);
    await upstream.behave({ mischief: 503 });
    expect(await guideExec(servers, CODE)).toEqual([true, '42\n']);
    await upstream.behave({ mischief: 'sandbox-error' });
    expect(await guideExec(servers, CODE)).toMatchObject([false, expect.stringMatching(/^Execution error/)]);
    await other.close();
    await upstream.behave({ mischief: 503 });
    expect(await guideExec(servers, CODE)).toEqual([false, ALL_FAILED]);
  });
});

test('a stub server in its own process counts, misbehaves, stops and dies on command', async () => {
  const stub: UpstreamProcess = await forkUpstream({ runMs: 20 });
  try {
    await Promise.all([1, 2, 3].map((n) => sdkRunCode(stub.url, `print("${n}")`, sleep)));
    expect(await stub.counts()).toMatchObject({ runs: 3, inFlight: 0, began: { 'print("2")': 1 } });
    stub.kill('SIGSTOP');
    expect(
      await verlCase(
        stub.url,
        { code: CODE, expected: '42', compileTimeout: 0, runTimeout: 0, slack: 0.3 },
        sleep,
      ),
    ).toBe(-1);
    stub.kill('SIGCONT');
    expect(await sdkRunCode(stub.url, CODE, sleep)).toEqual(JSON.parse(answerTo(CODE)));
  } finally {
    await stub.close();
  }
});
