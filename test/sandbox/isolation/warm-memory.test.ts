import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../../templates/warm', import.meta.url));

function check(before: string) {
  const code = `import ctypes, mmap, sys; sys.path.insert(0, ${JSON.stringify(SOURCES)}); import kernel; ${before}; kernel.check_memory()`;
  return spawnSync('python3', ['-B', '-c', code], { encoding: 'utf8' });
}

test('an interpreter is no zygote where its forks would write to the same memory', () => {
  expect(check('m = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)')).toMatchObject({
    status: 0,
    stderr: '',
  });
  const { status, stderr } = check('m = mmap.mmap(-1, 4096)');
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/MemoryError: memory that all forks would write to: rw-s /),
  ]);
});

test('a zygote or maker that grows by more than 64 MB ends, before it takes the memory of programs', () => {
  const grow = (megabytes: number) => check(`kernel.bound_growth(); held = bytearray(${megabytes} << 20)`);
  expect(grow(50).status).toBe(0);
  expect(grow(70)).toMatchObject({ status: 1, stderr: expect.stringMatching(/MemoryError\n$/) });
});
