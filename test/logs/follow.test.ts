import { randomBytes } from 'node:crypto';
import { appendFile, copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { follower } from '../../src/logs/follow.js';
import { cappedWriter } from './capped.js';
import { collector, newFolder } from './folder.js';

const nothingLost = () => {
  throw new Error('bytes were lost');
};

async function newLog(): Promise<string> {
  return join(await newFolder(), 'a.log');
}

/** Until a look finds nothing new. */
async function drain(log: { look(): Promise<boolean> }): Promise<void> {
  while (await log.look());
}

it('follows through the rotation of the batch script: every byte once, in order', async () => {
  const HALF = 96;
  const step = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: HALF - 1 }).map((bytes) => Buffer.from(bytes)),
    fc.constant('look' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const log = await newLog();
      const writer = await cappedWriter(log, HALF);
      const seen = collector();
      const following = follower(log, { emit: seen.emit, onLost: nothingLost });
      const written: Buffer[] = [];
      let unseen = 0;
      for (const bytes of steps) {
        // Two rotations between two looks lose bytes, in any program.
        if (bytes === 'look' || unseen + bytes.length > HALF) {
          await drain(following);
          unseen = 0;
        }
        if (bytes === 'look') continue;
        await writer.write(bytes);
        written.push(bytes);
        unseen += bytes.length;
      }
      await writer.end();
      await drain(following);
      expect(seen.text()).toBe(Buffer.concat(written).toString('latin1'));
    }),
    { numRuns: 40 },
  );
});

it('follows a writer that does not wait for it', { tags: 'matrix' }, async () => {
  const HALF = 64 * 1024;
  const log = await newLog();
  const writer = await cappedWriter(log, HALF);
  const seen = collector();
  const following = follower(log, { emit: seen.emit, onLost: nothingLost });
  const written: Buffer[] = [];
  let writing = true;
  const reading = (async () => {
    while (writing) {
      await following.look();
      await sleep(2);
    }
  })();
  for (let sent = 0; sent < 30 * HALF; ) {
    const bytes = randomBytes(1 + ((sent * 7919) % 9_000));
    writer.send(bytes);
    written.push(bytes);
    sent += bytes.length;
    // Never more than one rotation ahead, however busy the machine is.
    while (sent - seen.bytes().length > HALF / 2) await sleep(1);
  }
  await writer.end();
  writing = false;
  await reading;
  await drain(following);
  expect(seen.bytes().equals(Buffer.concat(written))).toBe(true);
});

/** A rotation step by step, as `cp` and the shell take them, with lines of the batch script in between. */
const MOMENTS = [
  'append',
  'open the copy',
  'half the copy',
  'the whole copy',
  'append',
  'empty',
  'append',
] as const;

it('may look at any moment of a rotation', { tags: 'matrix' }, async () => {
  const looks = fc.array(fc.boolean(), { minLength: MOMENTS.length, maxLength: MOMENTS.length });
  await fc.assert(
    fc.asyncProperty(fc.array(looks, { minLength: 1, maxLength: 3 }), async (rotations) => {
      const log = await newLog();
      await writeFile(log, '');
      const seen = collector();
      const following = follower(log, { emit: seen.emit, onLost: nothingLost });
      let written = '';
      for (const pattern of rotations) {
        for (const [at, moment] of MOMENTS.entries()) {
          // What is appended between copy and emptying is lost to every reader that does not look then.
          const look = pattern[at] === true || (moment === 'append' && at === 4);
          if (moment === 'append') {
            const line = `${randomBytes(5 + (at % 3)).toString('hex')}\n`;
            await appendFile(log, line);
            written += line;
          } else await take(moment, log);
          if (look) await following.look();
        }
        await drain(following);
        // So that two rotations never bear the same time.
        await sleep(5);
      }
      expect(seen.text()).toBe(written);
    }),
    { numRuns: 60 },
  );
});

async function take(moment: (typeof MOMENTS)[number], log: string): Promise<void> {
  const content = await readFile(log);
  if (moment === 'open the copy') await writeFile(`${log}.1`, '');
  if (moment === 'half the copy') await writeFile(`${log}.1`, content.subarray(0, content.length / 2));
  if (moment === 'the whole copy') await copyFile(log, `${log}.1`);
  if (moment === 'empty') await truncate(log);
}

it('says so when bytes went before it could look', async () => {
  const log = await newLog();
  const seen = collector();
  let lost = 0;
  const following = follower(log, { emit: seen.emit, onLost: () => void lost++ });
  await writeFile(log, 'one\n');
  await following.look();
  await writeFile(`${log}.1`, 'never seen: two\nthree\n');
  await writeFile(log, 'four\n');
  await drain(following);
  expect(seen.text()).toBe('one\nnever seen: two\nthree\nfour\n');
  expect(lost).toBe(1);
});

it('begins anew in a file that somebody else emptied or replaced', async () => {
  const log = await newLog();
  const seen = collector();
  const following = follower(log, { emit: seen.emit, onLost: nothingLost });
  await writeFile(log, 'one\ntwo\n');
  await following.look();
  await writeFile(log, '3\n');
  await drain(following);
  await writeFile(log, 'longer than before\n');
  await drain(following);
  expect(seen.text()).toBe('one\ntwo\n3\nlonger than before\n');
});

it('waits for a file that is not there yet, and for one that went away', async () => {
  const log = await newLog();
  const seen = collector();
  const following = follower(log, { emit: seen.emit, onLost: nothingLost });
  expect(await following.begin(10)).toBe(false);
  expect(await following.look()).toBe(false);
  await writeFile(log, 'one\n');
  expect(await following.look()).toBe(true);
  await rm(log);
  expect(await following.look()).toBe(false);
  expect(seen.text()).toBe('one\n');
});

it('begins with the last lines of both parts, then goes on', async () => {
  const log = await newLog();
  await writeFile(`${log}.1`, 'one\ntwo\nthr');
  await writeFile(log, 'ee\nfour\n');
  const seen = collector();
  const following = follower(log, { emit: seen.emit, onLost: nothingLost });
  expect(await following.begin(3)).toBe(true);
  expect(seen.text()).toBe('two\nthree\nfour\n');
  await appendFile(log, 'five\n');
  await copyFile(log, `${log}.1`);
  await writeFile(log, 'six\n');
  await drain(following);
  expect(seen.text()).toBe('two\nthree\nfour\nfive\nsix\n');
});

it('begins in the middle of a rotation without telling a line twice', async () => {
  const log = await newLog();
  await writeFile(log, 'one\ntwo\n');
  await writeFile(`${log}.1`, 'one\n');
  const seen = collector();
  const following = follower(log, { emit: seen.emit, onLost: nothingLost });
  await following.begin(Number.POSITIVE_INFINITY);
  await copyFile(log, `${log}.1`);
  await drain(following);
  await writeFile(log, 'three\n');
  await drain(following);
  expect(seen.text()).toBe('one\ntwo\nthree\n');
});
