import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { ensurePackages } from '../cluster/image/tools.js';

/** The main job on this machine alone: servers, a program in one of them, and everything away again. */
const LINES = [
  'sandboxctl deploy --cluster local --nodes 2',
  'cat hello.py',
  'sandboxctl run hello.py',
  'sandboxctl endpoints',
];
const LAST = 'sandboxctl stop --yes';
const here = fileURLToPath(new URL('.', import.meta.url));

// A server is proven by a Python program. Without root, whoever has none is told so by the deploy itself.
if (process.getuid?.() === 0) await ensurePackages(['python3']).catch(() => undefined);

const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-demo-'));
const bin = join(folder, 'bin');
await mkdir(bin);
await symlink(join(here, '../../bin/sandboxctl.js'), join(bin, 'sandboxctl'));
await copyFile(join(here, 'hello.py'), join(folder, 'hello.py'));
const env = {
  ...process.env,
  PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
  // Fleets that are there already are none of the demo's business.
  SANDBOXCTL_STATE_DIR: join(folder, 'state'),
  SANDBOXCTL_FLEET: 'demo',
};

// The line that runs hears the terminal's Ctrl-C by itself; what was brought up still has to go.
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
else console.error(`what is left of the demo lies in ${folder}`);

/** Shows a line and runs it on this process's own streams; its exit code. */
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
