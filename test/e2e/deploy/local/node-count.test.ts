/** @module-tag matrix */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Machine, newMachine } from './machine.js';

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

const deploy = (...flags: string[]) => machine.sandboxctl(['deploy', '--no-wait', ...flags]);
const file = (nodes: number) => writeFile(join(machine.folder, 'sandboxctl.yaml'), `nodes: ${nodes}\n`);
async function count(): Promise<number> {
  const { stdout } = await machine.sandboxctl(['status', '--json']);
  return (JSON.parse(stdout) as { fleets: { nodes: number }[] }).fleets[0]?.nodes ?? 0;
}

test('the node count of a config file does not shrink a fleet that was deployed with --nodes', async () => {
  expect((await deploy('--nodes', '2')).code).toBe(0);
  const written = await machine.sandboxctl(['init']);
  expect(written.code, written.stderr).toBe(0);

  const plain = await deploy();
  expect(plain.code, plain.stderr).toBe(0);
  expect(plain.stderr).toMatch(
    /^fleet sandbox keeps its 2 servers, as set by --nodes; .*sandboxctl\.yaml:\d+ has nodes: 1 \(--nodes 1 shrinks the fleet\)$/m,
  );
  expect(await count()).toBe(2);
  // Also where that was said to one command of several before.
  expect((await deploy()).code).toBe(0);
  expect(await count()).toBe(2);

  await file(3);
  expect((await deploy()).code).toBe(0);
  expect(await count()).toBe(3);
  // From here on it is the file's.
  await file(1);
  const smaller = await deploy();
  expect(smaller.code).toBe(2);
  expect(smaller.stderr).toContain('2 of its jobs will be cancelled.');
  expect((await deploy('--nodes', '1', '--yes')).code).toBe(0);
  expect(await count()).toBe(1);
});
