import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { PipeReader } from '../../../src/sandbox/stdio/pipe-reader.js';
import { PipeSource } from '../../../src/sandbox/stdio/pipe-source.js';

const source = new PipeSource();
afterAll(() => source.close());

/** A pipe with its reader, and what that has taken. */
async function pipe() {
  const [ours = -1] = await source.take(1);
  const theirs = openSync(`/proc/self/fd/${ours}`, constants.O_WRONLY);
  const taken: Buffer[] = [];
  const reader = new PipeReader(ours, (chunk) => taken.push(Buffer.from(chunk)));
  return { ours, theirs, reader, text: () => Buffer.concat(taken).toString() };
}

test('what was written to a pipe is taken at the end, though nobody watched and somebody holds it open', async () => {
  const { ours, theirs, reader, text } = await pipe();
  writeSync(theirs, 'one ');
  writeSync(theirs, 'two');
  expect(text()).toBe('');
  reader.finish();
  expect(text()).toBe('one two');
  closeSync(theirs);
  reader.finish();
  expect(() => fstatSync(ours)).toThrow('EBADF');
});

test('packets of a pipe are all taken', async () => {
  const { theirs, reader, text } = await pipe();
  const code = `import fcntl, os
fcntl.fcntl(1, fcntl.F_SETFL, os.O_WRONLY | os.O_DIRECT)
for word in (b'one ', b'two ', b'three'): os.write(1, word)`;
  const child = spawn('python3', ['-c', code], { stdio: ['ignore', theirs, 'inherit'] });
  closeSync(theirs);
  await new Promise((resolve) => child.on('close', resolve));
  reader.finish();
  expect(text()).toBe('one two three');
});

test('a pipe that is watched takes more than it holds, to its end', async () => {
  const { theirs, reader, text } = await pipe();
  const child = spawn('head', ['-c', '300000', '/dev/zero'], { stdio: ['ignore', theirs, 'inherit'] });
  closeSync(theirs);
  const ended = new Promise((resolve) => child.on('close', resolve));
  await reader.watch();
  await ended;
  reader.finish();
  expect(text()).toHaveLength(300_000);
});
