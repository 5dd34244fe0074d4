import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireLock, type Owner } from '../../src/files/lock.js';
import { testFolder } from './folder.js';
import { startProgram } from './processes.js';

const waits = { purpose: 'test', onHeld: () => true };

/** A lock file as another host writes it. */
function foreign(beat: number): string {
  const since = '2026-01-01T00:00:00Z';
  return `${JSON.stringify({ host: 'elsewhere', pid: 1, user: 'sbx', purpose: 'deploy', since, token: 'f', beat })}\n`;
}

describe('a lock', () => {
  it('is held by one, who is told to the others, and is free after its release', async () => {
    const path = join(await testFolder(), 'lock');
    const first = await acquireLock(path, { ...waits, purpose: 'deploy' });
    const seen: Owner[] = [];
    const second = await acquireLock(path, { purpose: 'stop', onHeld: (owner) => seen.push(owner) > 9 });
    expect(second).toBeUndefined();
    expect(seen).toMatchObject([{ host: hostname(), pid: process.pid, purpose: 'deploy' }]);
    expect([first?.held(), await first?.confirm()]).toEqual([true, true]);
    await first?.release();
    expect(first?.held()).toBe(false);
    const third = await acquireLock(path, waits);
    expect(third?.held()).toBe(true);
    await third?.release();
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('is not waited for any longer once the signal fires', async () => {
    const path = join(await testFolder(), 'lock');
    const held = await acquireLock(path, waits);
    const stop = new AbortController();
    const waiting = acquireLock(path, { ...waits, signal: stop.signal });
    stop.abort();
    expect(await waiting).toBeUndefined();
    await held?.release();
  });

  it('gives itself back although its folder is gone', async () => {
    const folder = await testFolder();
    const held = await acquireLock(join(folder, 'lock'), waits);
    await rm(folder, { recursive: true });
    expect(await held?.confirm()).toBe(false);
    await held?.release();
  });
});

describe('a dead holder', () => {
  it('on the same host is taken over at once, also by one who does not wait', async () => {
    const path = join(await testFolder(), 'lock');
    const holder = startProgram('holder', [path]);
    await holder.line('held');
    holder.signal('SIGKILL');
    await holder.ended;
    const lock = await acquireLock(path, { purpose: 'next', onHeld: () => false });
    expect(lock?.held()).toBe(true);
    await lock?.release();
  });

  it('that only stood still is taken over, and learns that it lost the lock', {
    tags: 'matrix',
  }, async () => {
    const path = join(await testFolder(), 'lock');
    const frozen = startProgram('holder', [path, 'frozen']);
    await frozen.line('held');
    frozen.signal('SIGSTOP');
    const next = startProgram('holder', [path, 'next']);
    await next.line(`waiting for pid ${frozen.pid}`);
    await next.line('held');
    frozen.signal('SIGCONT');
    await frozen.line('lost');
    frozen.tell();
    await frozen.line('confirm false');
    await frozen.ended;
    // Its release left the lock of the next holder alone.
    expect(await readFile(path, 'utf8')).toContain('"purpose":"next"');
    next.tell();
    await next.line('confirm true');
    await next.ended;
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('on another host shows by standing still alone', async () => {
    const path = join(await testFolder(), 'lock');
    await writeFile(path, foreign(0));
    const seen: Owner[] = [];
    const lock = await acquireLock(path, { purpose: 'next', onHeld: (owner) => seen.push(owner) > 9 });
    expect(seen[0]).toMatchObject({ host: 'elsewhere' });
    expect(lock?.held()).toBe(true);
    await lock?.release();
  });

  it('who died before it had written a word is waited out too', async () => {
    const path = join(await testFolder(), 'lock');
    await writeFile(path, '');
    const lock = await acquireLock(path, waits);
    expect(lock?.held()).toBe(true);
    await lock?.release();
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('may have had a breaker who died at it', async () => {
    const folder = await testFolder();
    const path = join(folder, 'lock');
    const holder = startProgram('holder', [path]);
    await holder.line('held');
    const raw = await readFile(path, 'utf8');
    const { token } = JSON.parse(raw) as { token: string };
    holder.signal('SIGKILL');
    await holder.ended;
    await writeFile(join(folder, `.lock.${token}.0.end`), raw);
    // And of a hold before that one.
    await writeFile(join(folder, '.lock.0123456789abcdef.0.end'), raw);
    const lock = await acquireLock(path, waits);
    expect(lock?.held()).toBe(true);
    await lock?.release();
    expect(await readdir(folder)).toEqual([]);
  });
});

it('a holder on another host who goes on beating is never taken for dead', { tags: 'matrix' }, async () => {
  const path = join(await testFolder(), 'lock');
  let beat = 0;
  await writeFile(path, foreign(beat));
  const beating = setInterval(() => void writeFile(path, foreign(++beat)), 2_000);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 15_000);
  expect(await acquireLock(path, { ...waits, signal: stop.signal })).toBeUndefined();
  expect(await acquireLock(path, { purpose: 'next', onHeld: () => false })).toBeUndefined();
  clearInterval(beating);
  expect(await readFile(path, 'utf8')).toContain('elsewhere');
});
