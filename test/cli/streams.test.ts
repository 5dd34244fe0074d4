import { expect, it } from 'vitest';
import { follow } from '../support/follow.js';
import { ended, onTerminal, program, start } from './run.js';

it('a closed reader of stdout is not an error', async () => {
  const child = start(program('end', 'chatty'));
  const ending = ended(child);
  child.stdout?.once('data', () => child.stdout?.destroy());
  expect(await ending).toMatchObject({ code: 0, stderr: 'seen\n' });
});

it('a large answer arrives complete through a pipe', async () => {
  const { stdout } = await ended(start(program('end', 'big')));
  expect(stdout.length).toBe(3_000_000);
});

it('a closed stderr does not stop a command', async () => {
  const child = start(program('end', 'returns'));
  const ending = ended(child);
  await follow(child).line('up');
  child.stderr?.destroy();
  child.kill('SIGTERM');
  expect(await ending).toMatchObject({ code: 143 });
});

it.each([
  ['y\\n', 'yes'],
  ['YES\\n', 'yes'],
  ['\\n', 'no'],
  ['n\\n', 'no'],
  ['\\x04', 'no'],
])('a question: %j means %s', async (send, answer) => {
  const { code, stdout } = await onTerminal(program('end', 'ask'), { waitFor: '[y/N]', send });
  expect(code).toBe(0);
  expect(stdout.trimEnd().split(/\s+/).at(-1)).toBe(answer);
});

it('Ctrl-C at a question ends the command with 130', async () => {
  const { code } = await onTerminal(program('end', 'ask'), { waitFor: '[y/N]', send: '\\x03' });
  expect(code).toBe(130);
});

it('a question without a terminal is a usage error', async () => {
  const { code, stdout, stderr } = await ended(start(program('end', 'ask')));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('error: --yes required when not running interactively\n');
});
