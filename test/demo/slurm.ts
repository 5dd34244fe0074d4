import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install } from '../cluster/install.js';
import { setStage } from './stage.js';

/** The main job from nothing: a cluster, the four commands, a program in a sandbox, and everything away again. */
const LINES = [
  'sandboxctl import-image',
  'sandboxctl deploy --nodes 4 --partition cpuonly',
  'sandboxctl endpoints > endpoints.json',
  (job: string) => `sandboxctl logs ${job} --lines 6`,
  (_job: string, url: string) =>
    `curl -sS ${url}/run_code -H 'content-type: application/json' -w '\\n' -d '{"language": "python", "code": "print(6 * 7)"}'`,
  'sandboxctl stop --yes',
];

if (process.getuid?.() !== 0) {
  console.error('npm run demo:slurm needs root: it makes a cluster of network namespaces on this machine');
  process.exit(1);
}

// The line that runs hears the terminal's Ctrl-C by itself; what was brought up still has to go.
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
  });
}

const step = (text: string) => console.log(`# ${text}`);
step('what Debian has for it, where it is missing: slurm-wlm, munge, docker-registry, ...');
await install({ accounting: false });
const stage = await setStage({}, step);
try {
  step('and now as an ordinary user on its login node');
  const [user] = stage.cluster.users;
  for (const line of LINES) {
    const text = typeof line === 'string' ? line : line(...(await firstEndpoint(user.home)));
    console.log(`\n$ ${text}`);
    const code = await stage.shell(text);
    if (code !== 0 || interrupted) throw new Error(`the demo ended early: exit code ${code}`);
  }
  console.log('');
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  step('everything is taken down again');
  await stage.down();
}

async function firstEndpoint(home: string): Promise<[job: string, url: string]> {
  const { endpoints } = JSON.parse(await readFile(join(home, 'endpoints.json'), 'utf8')) as {
    endpoints: { job_id: string; url: string }[];
  };
  const [first] = endpoints;
  if (first === undefined) throw new Error('endpoints.json is empty');
  return [first.job_id, first.url];
}
