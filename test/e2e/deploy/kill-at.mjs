// Loaded before the program (NODE_OPTIONS=--import): counts the points at which it leaves a trace in the
// world, writes them into $KILL_AT_LOG, and ends the program with SIGKILL at point $KILL_AT. What it has
// started lives on, as it does when a login session is killed. Or it stands still at the first point named
// $HOLD_AT, as a machine that is suspended does, until there is a file $KILL_AT_LOG.go.
import childProcess from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const { KILL_AT, HOLD_AT, KILL_AT_LOG = '/dev/null' } = process.env;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let count = 0;
let held = false;

function point(name) {
  count += 1;
  appendFileSync(KILL_AT_LOG, `${name}\n`);
  if (count === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL');
  if (held || name !== HOLD_AT) return;
  held = true;
  appendFileSync(`${KILL_AT_LOG}.held`, '');
  while (!existsSync(`${KILL_AT_LOG}.go`)) Atomics.wait(sleeper, 0, 0, 50);
}

const { spawn } = childProcess;
childProcess.spawn = (file, ...rest) => {
  point(`before ${file}`);
  const child = spawn(file, ...rest);
  child.prependOnceListener('exit', () => point(`after ${file}`));
  point(`during ${file}`);
  return child;
};

const { rename } = files;
files.rename = async (from, to) => {
  point(`before rename to ${basename(to)}`);
  await rename(from, to);
  point(`after rename to ${basename(to)}`);
};

syncBuiltinESMExports();
