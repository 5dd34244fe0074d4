import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunGroups } from '../../../src/sandbox/limits/cgroup/run-groups.js';

let above: string;
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'cgroups-'));
});
afterEach(() => rmSync(above, { recursive: true }));

test.each([
  ['lives, which may start other launchers', () => process.pid, true],
  ['was killed', () => spawnSync('true').pid, false],
])('a launcher that ends leaves the cgroup of its server where that %s', async (_, server, stays) => {
  const folder = join(above, `sandboxctl-${server()}`);
  mkdirSync(folder);
  await new RunGroups({ version: 2, folder }).close();
  expect(existsSync(folder)).toBe(stays);
});
