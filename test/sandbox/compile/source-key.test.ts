import { expect, test } from 'vitest';
import { parseRequest, type RunRequest } from '../../../src/api/request.js';
import { SourceKeys } from '../../../src/sandbox/compile/source-key.js';

const keys = new SourceKeys();
const CODE = 'int main() {}';

function request(changes: Record<string, unknown> = {}): RunRequest {
  const body = Buffer.from(JSON.stringify({ code: CODE, language: 'cpp', ...changes }));
  const parsed = parseRequest(body, undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.detail));
  return parsed.request;
}

const keyOf = (changes: Record<string, unknown> = {}, tool = '/bin/sh') =>
  keys.keyOf(request(changes), tool)?.toString('hex');
const file = (text: string) => Buffer.from(text).toString('base64');

test('one source has one key, whatever its program reads and how long it may run', () => {
  expect(keyOf()).toMatch(/^[0-9a-f]{64}$/);
  expect(keyOf({ stdin: 'x', run_timeout: 3, compile_timeout: 50 })).toBe(keyOf());
});

test.each([
  ['code', { code: `${CODE}\n` }],
  ['files', { files: { 'a.h': file('1') } }],
  ['language', { language: 'rust' }],
  ['memory limit', { memory_limit_MB: 512 }],
])('another %s has another key', (_, changes) => {
  expect(keyOf(changes)).toBeDefined();
  expect(keyOf(changes)).not.toBe(keyOf());
});

test('another compiler, and another server, have other keys', () => {
  expect(keyOf({}, '/bin/ls')).not.toBe(keyOf());
  expect(new SourceKeys().keyOf(request(), '/bin/sh')?.toString('hex')).not.toBe(keyOf());
});

test.each([
  ['its clock', { code: 'const char *built = __DATE__ " " __TIME__;' }],
  ['a clock in a header', { files: { 'a.h': file('#define WHEN __TIMESTAMP__') } }],
  [
    'a file of the machine in Rust',
    { language: 'rust', code: 'static UP: &str = include_str!("/proc/uptime");' },
  ],
  ['C in Go', { language: 'go', code: 'package main\n// #include "a.h"\nimport "C"' }],
  ['assembler in D', { language: 'D_ut', code: 'import ldc.llvmasm; void f() { __asm("", ""); }' }],
  ['files to fetch, which may be the binary', { fetch_files: ['test'] }],
  ['no time to compile', { compile_timeout: 0 }],
  ['more than a megabyte', { code: 'x'.repeat(2 ** 20 + 1) }],
])('a source with %s is compiled each time', (_, changes) => {
  expect(keyOf(changes)).toBeUndefined();
});
