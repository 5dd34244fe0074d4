import { expect, it } from 'vitest';
import { traced } from '../../src/cli/trace.js';
import { run } from '../../src/process/run.js';

async function trace(argv: string[], timeoutMs?: number): Promise<string[]> {
  const lines: string[] = [];
  const stderr = {
    write: () => undefined,
    bytes: async () => undefined,
    line: (text: string) => lines.push(text),
    isTTY: false,
    columns: 0,
    rows: 0,
    color: false,
  };
  let now = 0;
  const clock = { now: () => (now += 12), sleep: async () => undefined };
  await traced(
    run,
    stderr,
    clock,
  )(argv, { env: { PATH: process.env.PATH, SECRET: 'hidden' }, timeoutMs }).catch(() => null);
  return lines;
}

it('-v prints a tool’s command line, exit code and duration', async () => {
  expect(await trace(['sh', '-c', "echo 'a b'; exit 3"])).toEqual([
    `+ sh -c 'echo '\\''a b'\\''; exit 3'`,
    '+ sh: exit code 3, 12 ms',
  ]);
});

it('-v prints a timeout, and a missing tool', async () => {
  expect((await trace(['sleep', '10'], 50)).at(-1)).toBe(
    '+ sleep: killed by SIGINT after its timeout, 12 ms',
  );
  expect((await trace(['no-such-tool'])).at(-1)).toBe(
    '+ no-such-tool: no-such-tool was not found on this machine, 12 ms',
  );
});
