// Takes the lock at argv[2] and says so; on a line of stdin it gives the lock back and ends.
import { acquireLock } from '../../../dist/files/lock.js';

const say = (line) => process.stdout.write(`${line}\n`);
const lock = await acquireLock(process.argv[2], {
  purpose: process.argv[3] ?? 'test',
  onHeld: (owner) => {
    say(`waiting for pid ${owner.pid}`);
    return true;
  },
});
say('held');
const watch = setInterval(() => {
  if (lock.held()) return;
  clearInterval(watch);
  say('lost');
}, 20);
process.stdin.once('data', async () => {
  say(`confirm ${await lock.confirm()}`);
  await lock.release();
  process.exit();
});
