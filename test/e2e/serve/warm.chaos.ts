import { expect, test } from 'vitest';
import { asUser, WITHOUT_BWRAP } from './as-root.js';
import { outerCgroup } from './outer-cgroup.js';
import { PLAIN_PATH } from './programs/plain.js';
import { serveCli } from './server.js';
import { countsOf } from './soak/left.js';
import { executableOf, type Memory, MOST_GROWTH, memoryOf } from './soak/memory.js';
import { Soak } from './soak/soak.js';

const USER = 61_237;
/** Two launchers. */
const CONCURRENCY = 8;
const RUNS = Number(process.env.SANDBOXCTL_TEST_RUNS ?? 5000);
const SEED = Number(process.env.SANDBOXCTL_TEST_SEED ?? 7);
/** Until there are all zygotes, and what heaps grow to. */
const WARM_UP = 1000;
const TIMEOUT_MS = 3 * 3_600_000;
/** What the programs of eight runs may take at most, and the fork bombs among them. */
const OUTER_MEMORY = 4 * 2 ** 30;
const TENTH = Math.ceil(RUNS / 10);

test.each([
  { name: 'root', before: [] },
  { name: 'a user, without bubblewrap', before: [...WITHOUT_BWRAP, ...asUser(USER)] },
])(`nothing is left of ${RUNS} warm runs, as $name`, { timeout: TIMEOUT_MS }, async ({ name, before }) => {
  const held = outerCgroup(OUTER_MEMORY);
  const args = ['--warm', 'on', '--max-concurrency', String(CONCURRENCY)];
  const served = await serveCli(args, { env: { PATH: PLAIN_PATH }, before: [...held.words, ...before] });
  try {
    const soak = new Soak(served, CONCURRENCY, SEED);
    const counts = () => countsOf(held, USER);
    const compiles = () => held.members().some((pid) => executableOf(pid) === 'cc1plus');
    /** Milliseconds of CPU time a run, of the server and all that it starts. */
    const tenth = async () => {
      const began = held.usage().cpuSeconds;
      await soak.run(TENTH);
      return ((held.usage().cpuSeconds - began) * 1000) / TENTH;
    };
    await soak.run(WARM_UP);
    // Headers, in the background.
    await expect.poll(compiles).toBe(false);
    const settled = await soak.settled(counts);
    const first = await tenth();
    await soak.until(counts, settled);
    const early = memoryOf(held, String(served.process.pid));
    await soak.run(RUNS - 2 * TENTH);
    const last = await tenth();
    await soak.until(counts, settled);
    const late = memoryOf(held, String(served.process.pid));
    const cpu = `${first.toFixed(1)} and ${last.toFixed(1)} ms (${(last / first).toFixed(2)})`;
    console.log(`as ${name}: CPU time a run in the first tenth and in the last: ${cpu}`);
    console.log('megabytes after the first tenth and at the end:', early, late);
    expect(soak.wrong).toEqual([]);
    const grown = (Object.keys(early) as (keyof Memory)[]).filter(
      (each) => late[each] - early[each] > MOST_GROWTH[each],
    );
    expect(grown).toEqual([]);
  } finally {
    await served.stop();
    await expect.poll(() => [...held.members(), ...held.groups()]).toEqual([]);
    held.close();
  }
});
