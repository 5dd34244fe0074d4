import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { ensurePackages } from '../cluster/image/tools.js';

/** Shows the main commands on this machine, without Slurm. */
const LINES = [
  'sandboxctl deploy --cluster local --nodes 2',
  'cat hello.py',
  'sandboxctl run hello.py',
  'sandboxctl endpoints',
];
const LAST = 'sandboxctl stop --yes';
const here = fileURLToPath(new URL('.', import.meta.url));

// Health checks need Python. Without root it cannot be installed, and `deploy` reports what is missing.
if (process.getuid?.() === 0) await ensurePackages(['python3']).catch(() => undefined);

const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-demo-'));
const bin = join(folder, 'bin');
await mkdir(bin);
await symlink(join(here, '../../bin/sandboxctl.js'), join(bin, 'sandboxctl'));
await copyFile(join(here, 'hello.py'), join(folder, 'hello.py'));
const env = {
  ...process.env,
  PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
  // Existing fleets of the user stay out of it.
  SANDBOXCTL_STATE_DIR: join(folder, 'state'),
  SANDBOXCTL_FLEET: 'demo',
};

// The running command receives the terminal's Ctrl-C itself; the fleet must still be stopped.
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
  });
}

for (const line of LINES) {
  process.exitCode = await shell(line);
  if (interrupted || process.exitCode !== 0) break;
}
if ((await shell(LAST)) === 0) await rm(folder, { recursive: true });
else console.error(`the demo's files are still in ${folder}`);

/** Prints a command and runs it on this process's own streams. Returns its exit code. */
function shell(line: string): Promise<number> {
  const prompt = `$ ${line}`;
  console.log(process.stdout.isTTY && !process.env.NO_COLOR ? styleText('cyan', prompt) : prompt);
  const child = spawn('sh', ['-c', line], { cwd: folder, env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      console.log('');
      resolve(code ?? 1);
    });
  });
}
