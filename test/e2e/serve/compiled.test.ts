import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inParts } from '../../support/parts.js';
import { until } from '../../support/until.js';
import { PLAIN_PATH } from './programs/plain.js';
import { type ServedCli, serveCli } from './server.js';

const PATIENT = { language: 'cpp', compile_timeout: 300, run_timeout: 60 };
const ECHO = `#include <bits/stdc++.h>
int main() { int x; std::cin >> x; std::cerr << __FILE__; assert(x != 5); std::cout << 2 * x; }
`;

const serve = () => serveCli([], { env: { PATH: PLAIN_PATH } });

let shared: ServedCli;
beforeAll(async () => {
  shared = await serve();
});
afterAll(async () => {
  await shared?.stop();
});

const run = (code: string, served = shared, stdin = '') => served.run({ ...PATIENT, code, stdin });

function headers(served = shared): string[] {
  return readdirSync('/var/tmp')
    .filter((name) => name.startsWith(`sandboxctl-headers-${served.process.pid}-`))
    .map((name) => join('/var/tmp', name));
}

test('a solution that is compiled once gives each test its own result', async () => {
  const answers = await Promise.all([2, 3, 4, 5].map((x) => run(ECHO, shared, `${x}`)));
  expect(answers.map(({ run_result }) => run_result?.stdout)).toEqual(['4', '6', '8', '']);
  const names = answers.map(({ run_result }) => /\/tmp\/\w+\/\w+\.cpp/.exec(run_result?.stderr ?? '')?.[0]);
  expect(new Set(names).size).toBe(1);
  expect(answers[3]?.run_result).toMatchObject({
    return_code: -6,
    stderr: `${names[0]}test: ${names[0]}:2: int main(): Assertion \`x != 5' failed.\n`,
  });
});

test('a program that replaces its own binary changes that of no other run', async () => {
  const code = `#include <fstream>
#include <iostream>
#include <unistd.h>
int main() { std::cout << "first"; unlink("test"); std::ofstream("test") << "#!/bin/sh\\necho second\\n"; }
`;
  for (const _ of [1, 2, 3]) expect((await run(code)).run_result?.stdout).toBe('first');
});

const PASTE = '#define P(a, b) a##b\n#include <iostream>\n';
const INTO_HEADER = 'int main() { std::cout << P(__TI, ME__); }';
const HIDDEN_CLOCKS = [
  ['without its warning', `${PASTE}#pragma GCC diagnostic ignored "-Wdate-time"\n${INTO_HEADER}`],
  ['of its file', `${PASTE}int main() { std::cout << P(__TI, MESTAMP__); }`],
  ['on two lines', '#include <iostream>\nint main() { std::cout << __TI\\\nME__; }\n'],
  ['in a system header', '#include "main.h"\n', `#pragma GCC system_header\n${PASTE}${INTO_HEADER}`],
] as const;

test('a program with a clock that its compiler reads has that of its own request, however it is hidden', async () => {
  const clocks = (mark: string) =>
    Promise.all(
      HIDDEN_CLOCKS.map(async ([name, code, header = '']) => {
        const files = { 'main.h': Buffer.from(header).toString('base64') };
        const answer = await shared.run({ ...PATIENT, code, files, stdin: mark });
        const { compile_result, run_result, message } = answer;
        return [name, run_result?.stdout, compile_result?.stderr ?? message] as const;
      }),
    );
  const first = await clocks('first');
  const second = Math.floor(Date.now() / 1000);
  await until('another second', () => Math.floor(Date.now() / 1000) > second);
  const later = await clocks('later');
  expect(first.filter(([, shown], index) => !shown || shown === later[index]?.[1])).toEqual([]);
  expect([...first, ...later].map(([, , complaint]) => complaint)).toEqual(Array(8).fill(''));
});

const PROGRAMS: [name: string, code: string][] = [
  [
    'behind a macro',
    '#define _GLIBCXX_DEBUG\n#include <bits/stdc++.h>\nint main() { std::vector<int> v(1); std::cout << v[1]; }',
  ],
  ['an error', '#include <bits/stdc++.h>\nint main() { std::vector<int> v; v.push_back("a"); }'],
  ['plain', '#include <bits/stdc++.h>\nint main() { std::cout << std::gcd(12, 18); }'],
  ['iostream', '#include <iostream>\nint main() { std::cout << 1; }'],
  [
    'behind a pragma',
    '#pragma GCC optimize("O3,unroll-loops")\n#include <bits/stdc++.h>\nint main() { std::cout << 3; }',
  ],
  ['behind another header', '#include <cstdio>\n#include <bits/stdc++.h>\nint main() { std::cout << EOF; }'],
  [
    'a warning',
    '#include <bits/stdc++.h>\nint f() { std::puts("f"); }\nint main() { char a[2]; std::strcpy(a, "long text"); }',
  ],
  ['an included source', '#include <bits/stdc++.h>\n#include "missing.h"\nint main() {}'],
];

for (const { rows, tags } of inParts(PROGRAMS, 3))
  test(`programs run as before once headers are precompiled, with the compiler’s own errors: ${rows.map(([name]) => name).join(', ')}`, {
    tags,
  }, async () => {
    const served = await serve();
    // A comment makes it another source; the names of folder and file differ with it.
    const results = async (mark: string) => {
      const all = await Promise.all(
        rows.map(async ([name, code]) => [name, await run(`${code}\n// ${mark}`, served)] as const),
      );
      return all.map(([name, { status, compile_result, run_result }]) => {
        const shown = [compile_result, run_result].map(
          (stage) => stage && [stage.return_code, stage.stdout, stage.stderr],
        );
        return [
          name,
          status,
          JSON.stringify(shown)
            .replaceAll(/\/tmp\/\w+\/\w+\.cpp/g, 'FILE')
            .replaceAll(/0x[\da-f]+/g, 'ADDRESS'),
        ];
      });
    };
    const before = await results('before');
    // Only a server that gets several programs precompiles headers. The same ones are not compiled again.
    expect(await results('before')).toEqual(before);
    const [folder = ''] = headers(served);
    await until(
      'the headers are precompiled',
      () => existsSync(join(folder, 'bits/stdc++.h.gch')) && existsSync(join(folder, 'iostream.gch')),
    );
    expect(await results('after')).toEqual(before);
    await served.stop();
  });

test('no folder with headers outlives its server', async () => {
  const [folder = ''] = headers();
  expect(existsSync(folder)).toBe(true);
  await shared.stop();
  expect(existsSync(folder)).toBe(false);
});
