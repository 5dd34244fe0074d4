import { expect, test } from 'vitest';
import { judge } from '../../src/api/verdict.js';

const answer = (message: string, extra: object = {}, headers: Record<string, string> = {}) =>
  judge({
    status: 200,
    headers,
    body: JSON.stringify({
      ...{ status: 'SandboxError', message, compile_result: null, run_result: null },
      ...extra,
    }),
  }).kind;

test.each([
  ['Incorrect padding', 'request'],
  ['Non-base64 digit found', 'request'],
  ["'sql'", 'request'],
  ["'utf-8' codec can't encode character '\\ud800' in position 7: surrogates not allowed", 'request'],
  ['embedded null byte', 'request'],
  ['[Errno 28] No space left on device', 'infra'],
  ["[Errno 2] No such file or directory: 'bash'", 'infra'],
])('without a mark, the end of the message says whose fault it is: %s', (words, kind) => {
  expect(answer(`exception on running code print(1): ${words} None`)).toBe(kind);
});

test.each([
  'x = 1  # : Incorrect padding',
  "print(': Incorrect padding None')",
  "raise KeyError: 'sql' None",
  ': Non-base64 digit found None',
])('words in the code say nothing: %s', (code) => {
  expect(answer(`exception on running code ${code}: [Errno 28] No space left on device None`)).toBe('infra');
});

test('marks are judged before any words, infra before request', () => {
  const mark = { 'x-sandboxctl-request-error': 'a language without tools' };
  expect(answer('anything', {}, mark)).toBe('request');
  expect(answer('anything', { sandboxctl: { fault: 'request' } })).toBe('request');
  expect(answer('anything', {}, { ...mark, 'x-sandboxctl-infra-error': 'no memory' })).toBe('infra');
});

test('a long message of many quotes is judged at once', () => {
  expect(answer(": 'a".repeat(4_000_000))).toBe('infra');
});
