import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { asUser, newUser, WITHOUT_BWRAP } from './as-root.js';
import { outerCgroup } from './outer-cgroup.js';
import { PLAIN_PATH } from './programs/plain.js';
import { serveCli } from './server.js';
import { countsOf } from './soak/left.js';
import { executableOf, grown, memoryOf } from './soak/memory.js';
import { Soak } from './soak/soak.js';

const USER = newUser();
/** Two launchers. */
const CONCURRENCY = 8;
const RUNS = Number(process.env.SANDBOXCTL_TEST_RUNS ?? 5000);
const SEED = Number(process.env.SANDBOXCTL_TEST_SEED ?? 7);
/** Until heaps are as large as they get. */
const WARM_UP = 1000;
const TIMEOUT_MS = 3 * 3_600_000;
/** What the programs of eight runs may take at most, and the fork bombs among them. */
const OUTER_MEMORY = 4 * 2 ** 30;
const TENTH = Math.ceil(RUNS / 10);
/** Looks at memory in a tenth. */
const LOOKS = 5;

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
    /** Milliseconds of CPU time a run, of the server and all that it starts; and memory after each part. */
    const tenth = async () => {
      soak.again();
      const began = held.usage().cpuSeconds;
      const memory = [];
      for (let part = 0; part < LOOKS; part += 1) {
        await soak.run(Math.ceil(TENTH / LOOKS));
        // The kernel keeps a cgroup that has ended for as long as it keeps a page of a file that was read there.
        writeFileSync('/proc/sys/vm/drop_caches', '3');
        memory.push(memoryOf(held, String(served.process.pid)));
      }
      return { cpu: ((held.usage().cpuSeconds - began) * 1000) / TENTH, memory };
    };
    // So few that no zygote is to follow another yet.
    await soak.runEach();
    // Headers, in the background.
    await expect.poll(compiles).toBe(false);
    const settled = await soak.settled(counts);
    await soak.run(WARM_UP);
    const first = await tenth();
    await soak.run(RUNS - 2 * TENTH);
    const last = await tenth();
    await soak.until(counts, settled);
    const cpu = `${first.cpu.toFixed(1)} and ${last.cpu.toFixed(1)} ms (${(last.cpu / first.cpu).toFixed(2)})`;
    console.log(`as ${name}: CPU time a run in the first tenth and in the last: ${cpu}`);
    console.log('megabytes in the first tenth and in the last:', first.memory, last.memory);
    expect(soak.wrong).toEqual([]);
    expect(grown(first.memory, last.memory)).toEqual([]);
  } finally {
    await served.stop();
    await expect.poll(() => [...held.members(), ...held.groups()]).toEqual([]);
    held.close();
  }
});
