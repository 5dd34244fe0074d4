import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stage, setStage } from '../demo/stage.js';

/** What docs/security.md says that a program in a sandbox can and cannot reach. */
let stage: Stage;
let urls: string[];
const SECRET = 'hush-hush';

beforeAll(async () => {
  stage = await setStage({ nodes: 2 });
  const run = (...words: string[]) =>
    stage.cluster.run(['sandboxctl', ...words], {
      env: { ...stage.env, MY_SECRET: SECRET, CALLERS_OWN: '1' },
    });
  await run('import-image');
  urls = (await run('deploy', '--nodes', '2', '--env', 'MY_SECRET')).stdout.trim().split('\n');
  expect(urls).toHaveLength(2);
});
afterAll(() => stage?.down());

async function inSandbox(code: string): Promise<unknown> {
  const answer = await fetch(`${urls[0]}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language: 'python', code: `import json, os\n${code}` }),
  });
  const { run_result } = (await answer.json()) as { run_result: { stdout: string; stderr: string } };
  expect(run_result.stderr).toBe('');
  return JSON.parse(run_result.stdout);
}

test('a program has what --env names, and nothing else of the caller or of Slurm', async () => {
  const env = (await inSandbox('print(json.dumps(dict(os.environ)))')) as Record<string, string>;
  expect(env.MY_SECRET).toBe(SECRET);
  expect(env).not.toHaveProperty('CALLERS_OWN');
  expect(Object.keys(env).filter((name) => /^(SLURM|SBATCH|SRUN|PMI|ENROOT)/.test(name))).toEqual([]);
});

test('the value of --env KEY lies in files of mode 0600 only', async () => {
  const found = await stage.cluster.run(['grep', '-rlaF', SECRET, '.']);
  const modes = await stage.cluster.run(['stat', '-c', '%a', ...found.stdout.trim().split('\n')]);
  expect(new Set(modes.stdout.trim().split('\n'))).toEqual(new Set(['600']));
  const jobs = await stage.cluster.run(['sh', '-c', 'scontrol show job; scontrol write batch_script 1000 -']);
  expect(jobs.stdout).not.toContain(SECRET);
});

test('the state folder is closed to others', async () => {
  const modes = await stage.cluster.run([
    'find',
    '.local/state/sandboxctl',
    '-not',
    '-path',
    '*/images*',
    '-printf',
    '%m %y\n',
  ]);
  expect(new Set(modes.stdout.trim().split('\n'))).toEqual(new Set(['700 d', '600 f']));
});

test('a program reaches the network of its node, and neither the home nor munge', async () => {
  const other = new URL(urls[1] ?? '').hostname;
  const home = stage.cluster.users[0].home;
  const seen = await inSandbox(`
import socket
def reached(host, port):
    with socket.create_connection((host, port), 5):
        return True
print(json.dumps({"own": reached("127.0.0.1", 8080), "other": reached("${other}", 8080),
                  "home": os.listdir("${home}") if os.path.isdir("${home}") else [], "munge": os.path.exists("/run/munge")}))`);
  expect(seen).toEqual({ own: true, other: true, home: [], munge: false });
});

test('a program sees the processes of its job outside the container, may kill them, and reads none of them', async () => {
  const seen = (await inSandbox(`
found = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        line = open(f"/proc/{pid}/cmdline").read()
        if not line.startswith("srun"): continue
        os.kill(int(pid), 0)
        try: found.append(bool(open(f"/proc/{pid}/environ").read()))
        except PermissionError: found.append("closed")
    except OSError: pass
print(json.dumps(found))`)) as unknown[];
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set(['closed']));
});
