import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WITHOUT_BWRAP } from '../as-root.js';
import { type ServedCli, serveCli } from '../server.js';
import { PLAIN_PATH } from './plain.js';

// With memory_limit_MB the main stack may grow to it: SandboxFusion's words, where a plain shell has 8 MB.
const DEEP = `import sys
sys.setrecursionlimit(10**7)
from functools import lru_cache
@lru_cache(None)
def f(n): return 0 if n == 0 else 1 + f(n - 1)
print(f(150000))`;

/** All may be asked at once: the last of them waits for the others. */
const PATIENT = { compile_timeout: 300, run_timeout: 60 };

for (const [name, args, before] of [
  ['lite by bwrap', [], []],
  ['lite by unshare', [], WITHOUT_BWRAP],
  ['none', ['--isolation', 'none'], []],
] as const)
  describe(`isolation ${name}`, { tags: name === 'lite by bwrap' ? [] : ['matrix'] }, () => {
    let served: ServedCli;
    beforeAll(async () => {
      served = await serveCli([...args], { before, env: { PATH: PLAIN_PATH } });
    });
    afterAll(async () => {
      await served?.stop();
    });

    const run = async (language: string, code: string, memory_limit_MB = 1024) =>
      (await served.run({ language, code, memory_limit_MB, ...PATIENT })).run_result;

    test('runs a recursion that needs more than 64 MB of stack', async () => {
      expect(await run('python', DEEP)).toMatchObject({ return_code: 0, stdout: '150000\n' });
    });

    test('runs a program with an array of 80 MB on the stack', async () => {
      const code =
        '#include <cstdio>\nint main() { int a[20000000]; for (int& each : a) each = 1; long s = 0; for (int each : a) s += each; printf("%ld\\n", s); }';
      expect(await run('cpp', code)).toMatchObject({ return_code: 0, stdout: '20000000\n' });
    });

    test('tells runtimes the memory limit of the run', async () => {
      const node = await run(
        'nodejs',
        'console.log(require("v8").getHeapStatistics().heap_size_limit >> 20)',
      );
      expect(Number(node?.stdout)).toBeLessThan(1024);
      const java = await run(
        'java',
        'class Main { public static void main(String[] a) { System.out.println(Runtime.getRuntime().maxMemory() >> 20); } }',
      );
      expect(Number(java?.stdout)).toBeLessThan(1024);
      expect(java?.stderr).toBe('');
    });

    test('reports all 256 exit codes', { tags: 'matrix' }, async () => {
      const codes = Array.from({ length: 256 }, (_, code) => code);
      const ended = codes.map(async (code) => (await run('bash', `exit ${code}`))?.return_code);
      expect(await Promise.all(ended)).toEqual(codes);
    });

    test('resolves its own host name', async () => {
      const code = 'import socket; print(socket.gethostbyname(socket.gethostname()).split(".")[0])';
      expect(await run('python', code)).toMatchObject({ return_code: 0, stdout: '127\n' });
      if (name === 'none') return;
      const java =
        'class Main { public static void main(String[] a) throws Exception { System.out.println(java.net.InetAddress.getLocalHost()); } }';
      expect(await run('java', java)).toMatchObject({ return_code: 0, stdout: 'sandbox/127.0.0.1\n' });
    });

    test('lets /dev/shm hold as much as the memory limit', async () => {
      const code = "open('/dev/shm/x', 'wb').write(bytes(200 << 20)); print('written')";
      expect(await run('python', code)).toMatchObject({ return_code: 0, stdout: 'written\n' });
    });
  });
