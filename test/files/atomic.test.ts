import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIfThere, temporaryName, writeAtomic, writeJson, writeNew } from '../../src/files/atomic.js';
import { testFolder } from './folder.js';
import { startProgram } from './processes.js';

/** As the program `writer` writes it: so many bytes of one kind. */
async function wholeFile(path: string): Promise<boolean> {
  const bytes = await readFile(path);
  return bytes.equals(Buffer.alloc(200_000, bytes[0]));
}

describe('an atomic write', () => {
  it('leaves the text, for us alone, and nothing beside it', async () => {
    const folder = await testFolder();
    await writeAtomic(join(folder, 'file'), 'one');
    await writeAtomic(join(folder, 'file'), 'two');
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('two');
    expect((await stat(join(folder, 'file'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('that fails leaves what was there, and no temporary file', async () => {
    const folder = await testFolder();
    await mkdir(join(folder, 'taken/inside'), { recursive: true });
    await expect(writeJson(join(folder, 'taken'), {})).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(await readdir(folder)).toEqual(['taken']);
  });

  it('that must not be there yet is never put over another', async () => {
    const folder = await testFolder();
    await writeNew(join(folder, 'file'), 'one', 0o600);
    await expect(writeNew(join(folder, 'file'), 'two', 0o600)).rejects.toThrow(/EEXIST/);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('one');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('is seen whole or not at all, though its writers are killed', async () => {
    const folder = await testFolder();
    const path = join(folder, 'file');
    await writeFile(path, 'x'.repeat(200_000));
    for (let round = 0; round < 6; round++) {
      const writers = [startProgram('writer', [path]), startProgram('writer', [path])];
      await Promise.all(writers.map((writer) => writer.line('writing')));
      for (let look = 0; look < 100; look++) {
        expect(await wholeFile(path)).toBe(true);
      }
      for (const writer of writers) writer.signal('SIGKILL');
      await Promise.all(writers.map((writer) => writer.ended));
    }
    expect(await wholeFile(path)).toBe(true);
  });

  it('takes a temporary name in the same folder that no other host takes', () => {
    const names = new Set(Array.from({ length: 1_000 }, () => temporaryName('/state/spec.json')));
    expect(names.size).toBe(1_000);
    for (const name of names) expect(name.startsWith(`/state/.spec.json.${hostname()}.`)).toBe(true);
  });
});

it('a file that is not there reads as undefined, and one that cannot be read is an error', async () => {
  const folder = await testFolder();
  await writeFile(join(folder, 'file'), '');
  expect(await readIfThere(join(folder, 'none'))).toBeUndefined();
  expect(await readIfThere(join(folder, 'file/none'))).toBeUndefined();
  expect(await readIfThere(join(folder, 'file'))).toBe('');
  await expect(readIfThere(folder)).rejects.toThrow('EISDIR');
});
