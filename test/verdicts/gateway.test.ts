import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { finished } from '../client/servers.js';
import { gatewayFor, PROGRAM } from '../gateway/start.js';
import { type Upstream, upstream } from '../gateway/upstream.js';
import { parts, SENT } from './answers.js';

type Sent = (typeof SENT)[number]['answer'];

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

const send = (response: ServerResponse, { status, headers, text }: Sent) =>
  void response.writeHead(status, headers).end(text);

/** A timeout is believed that comes at once. */
const TIMELESS = { ...PROGRAM, compile_timeout: 0, run_timeout: 0 };

/** What a gateway makes of an answer of one server, while another one answers rightly. */
async function outcome(answer: Sent, isHealthy: boolean): Promise<[string, Upstream]> {
  let answerNow = (): void => undefined;
  const one = await server(
    ({ response, index }) => {
      if (index === 0) response.end(finished('before'));
      else answerNow = () => send(response, answer);
    },
    (response, right) => void response.end(isHealthy || one.runs <= 1 ? right : finished('')),
  );
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.state).toBe('in');
  // It has run something before, so that its failures are not remarkable.
  await gateway.run();
  const asked = gateway.run(TIMELESS);
  await expect.poll(() => one.runs).toBe(2);
  const well = await server(({ response }) => void response.end(finished('right')));
  gateway.listing.set([one.url, well.url]);
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.map(({ state }) => state))
    .toEqual(['in', 'in']);
  answerNow();
  const text = await (await asked).text();
  return [text === answer.text ? 'passed on' : text === finished('right') ? 'right' : text, one];
}

for (const { rows, tags } of parts(SENT))
  test.each(rows)('from a healthy server: $name', { tags }, async ({ answer, verdict, needs }) => {
    const elsewhere =
      verdict === 'infra' || verdict === 'load' || needs.includes('second') || needs.includes('agreement');
    const [seen, one] = await outcome(answer, true);
    expect([seen, one.runs]).toEqual([elsewhere ? 'right' : 'passed on', 2]);
  });

for (const { rows, tags } of parts(SENT.filter(({ verdict }) => verdict === 'program')))
  test.each(rows)('from a server that fails its health check: $name', { tags }, async ({ answer, needs }) => {
    const [seen, one] = await outcome(answer, false);
    expect([seen, one.runs]).toEqual([needs.length > 0 ? 'right' : 'passed on', 2]);
  });

for (const { rows, tags } of parts(SENT.filter(({ verdict }) => verdict !== 'load')))
  test.each(rows)('from two healthy servers: $name', { tags }, async ({ answer, verdict, needs }) => {
    const servers = await Promise.all(
      [0, 1].map(() =>
        server(({ response, index }) =>
          index === 0 ? void response.end(finished('before')) : send(response, answer),
        ),
      ),
    );
    const gateway = await gatewayFor(
      servers.map(({ url }) => url),
      { canaryEvery: 60, tries: 2 },
    );
    await expect
      .poll(async () => (await gateway.snapshot()).endpoints.map(({ state }) => state))
      .toEqual(['in', 'in']);
    for (const _ of servers) await gateway.run();
    expect(servers.map(({ runs }) => runs)).toEqual([1, 1]);
    const passedOn = await gateway.run(TIMELESS);
    const isAnswer =
      verdict === 'program' || verdict === 'request' || (needs.includes('agreement') && answer.status < 500);
    expect(passedOn.status).toBe(isAnswer ? answer.status : 504);
    if (isAnswer) expect(await passedOn.text()).toBe(answer.text);
    expect(servers.reduce((sum, { runs }) => sum + runs - 1, 0)).toBe(
      isAnswer && !needs.includes('second') && !needs.includes('agreement') ? 1 : 2,
    );
    // It was never the servers' failure, as far as anybody can tell.
    if (isAnswer)
      expect((await gateway.snapshot()).endpoints.map(({ failures }) => failures)).toEqual([0, 0]);
  });
