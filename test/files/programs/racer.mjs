// Takes the lock at argv[2] again and again and writes into the file argv[3] when it is inside and when not.
import { appendFileSync } from 'node:fs';
import { acquireLock } from '../../../dist/files/lock.js';

const [, , path, journal, rounds] = process.argv;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// Far more often than in earnest, so that waiters fall over each other.
const sleep = () => pause(Math.random() * 3);

for (let round = 0; round < Number(rounds); round++) {
  const lock = await acquireLock(path, { purpose: 'race', onHeld: () => true, sleep });
  appendFileSync(journal, `in ${process.pid}\n`);
  await pause(Math.random() * 4);
  appendFileSync(journal, `out ${process.pid}\n`);
  await lock.release();
}
