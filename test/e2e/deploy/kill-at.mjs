// Loaded before the program (NODE_OPTIONS=--import): counts the points at which it leaves a trace in the
// world, writes them into $KILL_AT_LOG, and ends the program with SIGKILL at point $KILL_AT. What it has
// started lives on, as it does when a login session is killed.
import childProcess from 'node:child_process';
import { appendFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const { KILL_AT, KILL_AT_LOG = '/dev/null' } = process.env;
let count = 0;

function point(name) {
  count += 1;
  appendFileSync(KILL_AT_LOG, `${name}\n`);
  if (count === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL');
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
