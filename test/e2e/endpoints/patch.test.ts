import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../../src/endpoints/file.js';
import type { EndpointsFile } from '../../../src/endpoints/schema.js';
import { sandboxctl } from '../../cli/run.js';
import { folder } from '../../endpoints/folder.js';
import { endpoint, fleet } from '../../endpoints/samples.js';

const run = promisify(execFile);
const FUTURE = new Date(Date.now() + 86_400_000).toISOString();
const ready = (instance: number, more = {}) => endpoint(instance, { expires_at: FUTURE, ...more });
const THREE = fleet([ready(0), ready(1), ready(2)]);

/** A client of a user's, in an encoding and with line ends of its own, around the assignment. */
const around = (assignment: string) =>
  `# caf\xe9\r\nimport os\r\n\r\n${assignment}\r\n\r\ndef call(servers=None):\n\treturn servers or DEFAULT_SANDBOX_SERVERS\n`;

async function client(assignment: string, file: EndpointsFile = THREE) {
  const root = folder();
  const home = join(root, 'state/fleets/sandbox');
  mkdirSync(home, { recursive: true });
  await writeEndpoints(join(home, 'endpoints.json'), file);
  const path = join(root, 'sandboxfusion_exec.py');
  writeFileSync(path, Buffer.from(around(assignment), 'latin1'));
  chmodSync(path, 0o640);
  const env = { SANDBOXCTL_STATE_DIR: join(root, 'state') };
  return {
    root,
    text: () => readFileSync(path, 'latin1'),
    mode: () => statSync(path).mode & 0o777,
    patch: (...args: string[]) =>
      sandboxctl(['endpoints', '--patch', 'sandboxfusion_exec.py', ...args], { env, cwd: root }),
    /** What the module's own function says, in a process of its own. */
    servers: async (more: Record<string, string> = {}) => {
      const ask = 'import json, runpy; print(json.dumps(runpy.run_path("client.py")["call"]()))';
      writeFileSync(join(root, 'client.py'), readFileSync(path, 'latin1').replace('\xe9', 'e'));
      const { stdout } = await run('python3', ['-c', ask], {
        cwd: root,
        env: { PATH: process.env.PATH, ...more },
      });
      return JSON.parse(stdout) as string[];
    },
  };
}

describe('endpoints --patch', () => {
  it.each([
    'DEFAULT_SANDBOX_SERVERS = []',
    'DEFAULT_SANDBOX_SERVERS=["old"]  # ours',
    'DEFAULT_SANDBOX_SERVERS: list[str] = [\'a\', # one\r\n  "b]",\r\n]',
  ])('sets the list and no other byte: %j', async (assignment) => {
    const { text, mode, patch, root } = await client(assignment);
    const before = text();
    const patched = await patch();
    expect(patched).toMatchObject({ code: 0, stdout: '' });
    expect(patched.stderr).toContain(',}node1,node2,node3"');
    const [head = '', tail = ''] = [/^.*?=\s*/s.exec(assignment)?.[0], /\](\s*#.*)?$/.exec(assignment)?.[1]];
    expect(text()).toBe(around(`${head}["node1", "node2", "node3"]${tail}`));
    expect(mode()).toBe(0o640);
    expect(readFileSync(join(root, 'sandboxfusion_exec.py.orig'), 'latin1')).toBe(before);
  });

  it('can run twice, with and without --rotate, and keeps a backup of the first file', {
    tags: 'matrix',
  }, async () => {
    const { text, patch, root, servers } = await client('DEFAULT_SANDBOX_SERVERS = ["mine"]');
    await patch();
    const once = text();
    expect((await patch()).stderr).toContain('already has these servers');
    expect(text()).toBe(once);
    expect((await patch('--rotate')).code).toBe(0);
    expect(await servers({ RANK: '1' })).toEqual(['node2', 'node3', 'node1']);
    expect(await servers({ RANK: '0' })).toEqual(['node1', 'node2', 'node3']);
    expect(await servers({ SLURM_PROCID: '5' })).toEqual(['node3', 'node1', 'node2']);
    expect((await servers()).sort()).toEqual(['node1', 'node2', 'node3']);
    await patch();
    expect(text()).toBe(once);
    expect(readFileSync(join(root, 'sandboxfusion_exec.py.orig'), 'latin1')).toBe(
      around('DEFAULT_SANDBOX_SERVERS = ["mine"]'),
    );
  });

  it.each([
    ['SERVERS = []', '0 lines set'],
    ['DEFAULT_SANDBOX_SERVERS = []\r\nDEFAULT_SANDBOX_SERVERS = ["a"]', '2 lines set'],
    ['DEFAULT_SANDBOX_SERVERS = os.environ["X"].split(",")', 'something else'],
    ['DEFAULT_SANDBOX_SERVERS = ["a"] + OTHERS', 'something else'],
    ['DEFAULT_SANDBOX_SERVERS = [host for host in ()]', 'something else'],
    ['DEFAULT_SANDBOX_SERVERS = ["a"', 'something else'],
    ['if True:\r\n    DEFAULT_SANDBOX_SERVERS = []', '0 lines set'],
  ])('refuses what it does not understand: %j', async (assignment, words) => {
    const { text, patch, root } = await client(assignment);
    const patched = await patch();
    expect(patched.code).toBe(5);
    expect(patched.stderr).toContain(words);
    expect(text()).toBe(around(assignment));
    expect(readdirSync(root).sort()).toEqual(['sandboxfusion_exec.py', 'state']);
  });

  it.each<[string, EndpointsFile, RegExp]>([
    ['a token', fleet([ready(0, { auth: 'bearer' })]), /cannot send one/],
    ['nothing ready', fleet([]), /nothing to write/],
  ])('refuses servers that this client cannot use: %s', async (_, file, what) => {
    const { patch, text } = await client('DEFAULT_SANDBOX_SERVERS = []', file);
    expect(await patch()).toMatchObject({ code: 2, stderr: expect.stringMatching(what) });
    expect(text()).toBe(around('DEFAULT_SANDBOX_SERVERS = []'));
  });

  it('keeps a symbolic link, and only the first backup', { tags: 'matrix' }, async () => {
    const { patch, root, text } = await client('DEFAULT_SANDBOX_SERVERS = []');
    symlinkSync('sandboxfusion_exec.py', join(root, 'link.py'));
    expect((await patch('--patch', 'link.py')).stderr).toContain('sandboxfusion_exec.py.orig');
    expect(text()).toContain('["node1", "node2", "node3"]');
    expect((await patch()).stderr).toContain('already has these servers');
    expect(readdirSync(root).sort()).toEqual([
      'link.py',
      'sandboxfusion_exec.py',
      'sandboxfusion_exec.py.orig',
      'state',
    ]);
  });

  it('writes a server on another port so that the client’s fixed port ends in a query', async () => {
    const file = fleet([ready(0), ready(1, { port: 8081 })]);
    const { patch, servers } = await client('DEFAULT_SANDBOX_SERVERS = []', file);
    expect((await patch()).code).toBe(0);
    expect(await servers()).toEqual(['node1', 'node2:8081/run_code?x=']);
  });

  it('refuses a missing file and contradicting flags', async () => {
    const { patch } = await client('DEFAULT_SANDBOX_SERVERS = []');
    const absent = await patch('--patch', 'nosuch.py');
    expect(absent).toMatchObject({ code: 3, stderr: expect.stringContaining('ENOENT') });
    for (const more of [['--watch'], ['--format', 'env'], ['--write', 'x.env']])
      expect(await patch(...more)).toMatchObject({ code: 2 });
    expect(await sandboxctl(['endpoints', '--rotate'])).toMatchObject({ code: 2 });
  });
});
