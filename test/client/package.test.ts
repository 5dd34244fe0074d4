import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { endpointsFile } from '../../src/client/index.js';
import type { EndpointsFile } from '../../src/endpoints/schema.js';
import { endpoint, fleet, NOW, pending } from '../endpoints/samples.js';
import { answering, finished } from './servers.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = `
import { endpointsFile, SandboxClient, type RunResult } from 'sandboxctl';

const client = new SandboxClient({ endpoints: process.argv[2] ?? '' });
const result: RunResult = await client.run({ code: 'print(1)', language: 'python' });
console.log(result.stdout.toString(), typeof endpointsFile);
await client.close();
`;

test('the package can be imported by its name, with its types, and lets its process end', {
  tags: 'matrix',
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-package-'));
  const one = await answering((response) => void response.end(finished('it ran')));
  try {
    await mkdir(join(folder, 'node_modules'));
    await symlink(ROOT, join(folder, 'node_modules/sandboxctl'));
    await symlink(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'program.ts'), PROGRAM);
    const run = promisify(execFile);
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const strict = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
    await run(tsc, [...strict, 'program.ts'], { cwd: folder });
    const { stdout } = await run(process.execPath, ['program.js', one.url], { cwd: folder });
    expect(stdout).toBe('it ran function\n');
  } finally {
    await one.close();
    await rm(folder, { recursive: true });
  }
});

test('endpointsFile returns the ready servers of the file as they change', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-source-'));
  const path = join(folder, 'endpoints.json');
  let now = NOW;
  const urls = endpointsFile(path, () => now);
  const write = (file: EndpointsFile) => writeFile(path, JSON.stringify(file));
  try {
    expect(await urls()).toEqual([]);
    await write(fleet([endpoint(0), pending(1), endpoint(2, { state: 'unhealthy' })]));
    expect(await urls()).toEqual([]);
    now += 3_000;
    expect(await urls()).toEqual(['http://node1:8080']);
    const gateway = {
      url: 'http://node9:80',
      node: 'node9',
      job_id: '1',
      state: 'ready',
      auth: null,
    } as const;
    await write(fleet([endpoint(0)], { gateway }));
    now += 3_000;
    expect(await urls()).toEqual(['http://node9:80']);
    await writeFile(path, '{');
    now += 3_000;
    await expect(urls()).rejects.toMatchObject({ kind: 'config' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
