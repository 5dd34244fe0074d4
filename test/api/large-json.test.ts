import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJson } from '../../src/api/json.js';
import { decodeLargeJson } from '../../src/api/large-json.js';
import { parseRequest, parseRequestInSlices } from '../../src/api/request.js';

const options = { pause: async () => undefined };

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '😀', '\u0000', '\ud800'), maxLength: 400 }),
  fc.string({ unit: fc.constantFrom('x', '\\', '"', '😀'), minLength: 300, maxLength: 900 }),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, -0.5e3, 12),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value;

test('JSON is decoded in slices as it is at once', async () => {
  for (const each of fc.sample(value, { numRuns: 500, seed: 3 })) {
    const json = JSON.stringify(each);
    expect(await decodeLargeJson(Buffer.from(json), options)).toEqual(decodeJson(json));
  }
});

test('so is JSON with a mistake; without long strings its position and message are the same, too', async () => {
  const mistakes = fc.constantFrom('', '"', '\\', '\n', '}', ',', 'x', '\u0001');
  const cases = fc.sample(fc.tuple(value, fc.nat(), mistakes), { numRuns: 600, seed: 4 });
  for (const [each, where, what] of cases) {
    const json = JSON.stringify(each);
    const at = where % (json.length + 1);
    const broken = json.slice(0, at) + what + json.slice(at + 1);
    const [atOnce, inSlices] = [decodeJson(broken), await decodeLargeJson(Buffer.from(broken), options)];
    // Half of a surrogate pair is no UTF-8, and comes back as another character.
    if (Buffer.from(broken).toString() !== broken) continue;
    expect([broken, inSlices.ok]).toEqual([broken, atOnce.ok]);
    // Of several mistakes, one outside of long strings is found first, and so is the end within a string.
    const isFirst = inSlices.ok || !inSlices.message.startsWith('Unterminated');
    if (broken.length < 256 && isFirst) expect([broken, inSlices]).toEqual([broken, atOnce]);
  }
});

test('a long string is decoded as at once wherever its slices are cut', async () => {
  for (const unit of ['\\u0041', '\\\\', '😀', '\\ud83d\\ude00', 'é', '\\"', 'ab\\n']) {
    for (const before of ['', 'x', 'xxx']) {
      const json = `{"code":"${before}${unit.repeat(600_000 / unit.length)}"}`;
      const decoded = await decodeLargeJson(Buffer.from(json), options);
      expect(decoded.ok && (decoded.value as { code: string }).code === JSON.parse(json).code).toBe(true);
    }
  }
});

test.each([
  ['many mistakes', `{"code":"1","language":"bash","fetch_files":[${'1,'.repeat(5_000)}1]}`],
  ['too many values', `{"code":[${'{},'.repeat(300_000)}{}]}`],
  ['lists in lists', '['.repeat(500_000)],
  ['a long code that is none', `{"code":["${'x'.repeat(500_000)}"],"language":"bash"}`],
  ['a long number', `{"code":"1","language":"bash","run_timeout":"${'1'.repeat(500_000)}x"}`],
  ['a long key', `{"code":1,"language":"bash","files":{"${'k'.repeat(500_000)}":1}}`],
])('the answer to %s is short', async (_what, body) => {
  for (const padding of ['', ' '.repeat(2 ** 20)]) {
    const parsed = await parseRequestInSlices(Buffer.from(body + padding), 'application/json', options.pause);
    expect(parsed.ok).toBe(false);
    expect(JSON.stringify(parsed).length).toBeLessThan(50_000);
  }
});

test('requests of thousands of files are refused in so many words', () => {
  const files = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`f${at}`, 'QQ==']));
  const body = { code: '', language: 'bash', files, fetch_files: Object.keys(files) };
  const parsed = parseRequest(Buffer.from(JSON.stringify(body)), undefined);
  expect(parsed).toMatchObject({ ok: false, detail: [{ type: 'too_long' }, { type: 'too_long' }] });
});

test('numbers in strings are read as pydantic reads them', () => {
  const body = { code: '', language: 'bash', memory_limit_MB: ' 1_000 ', run_timeout: '1_0.5e0' };
  const parsed = parseRequest(Buffer.from(JSON.stringify(body)), undefined);
  expect(parsed).toMatchObject({ ok: true, request: { memoryLimitMB: 1000, runTimeout: 10.5 } });
});
