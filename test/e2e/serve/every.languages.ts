import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RECIPES } from '../../../src/sandbox/languages/languages.js';
import { ensurePackages } from '../../cluster/image/tools.js';
import { type ServedCli, serveCli } from './server.js';

/** The Debian packages of each language's tools. Node is the one that runs this. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  python: ['python3'],
  cpp: ['g++'],
  nodejs: [],
  go: ['golang-go'],
  go_test: ['golang-go'],
  java: ['default-jdk-headless'],
  php: ['php-cli'],
  bash: ['bash'],
  rust: ['rustc'],
  lua: ['lua5.4'],
  R: ['r-base-core'],
  perl: ['perl-base'],
  D_ut: ['ldc'],
  ruby: ['ruby'],
  scala: ['scala'],
  pytest: ['python3-pytest'],
  verilog: ['iverilog'],
  racket: ['racket'],
};
/** Which Debian 12 does not have; its Kotlin is 1.3, whose `kotlin` runs no scripts. */
const NOT_IN_DEBIAN = ['typescript', 'julia', 'swift', 'kotlin_script'];

/** Programs that read a number and say what six times it is, or test that. */
const PROGRAMS: Readonly<Record<string, string>> = {
  python: 'print(6 * int(input()))',
  cpp: '#include <iostream>\nint main() { int n; std::cin >> n; std::cout << 6 * n << std::endl; }',
  nodejs: "console.log(6 * Number(require('fs').readFileSync(0, 'utf8')))",
  go: 'package main\nimport "fmt"\nfunc main() { var n int; fmt.Scan(&n); fmt.Println(6 * n) }',
  go_test: 'package main\nimport "testing"\nfunc TestSix(t *testing.T) { if 6*7 != 42 { t.Fatal("no") } }',
  java: 'class Main { public static void main(String[] a) { System.out.println(6 * new java.util.Scanner(System.in).nextInt()); } }',
  php: 'echo 6 * (int) fgets(STDIN), "\\n";',
  bash: 'read -r n; echo $((6 * n))',
  rust: 'use std::io;\nfn main() { let mut s = String::new(); io::stdin().read_line(&mut s).unwrap(); println!("{}", 6 * s.trim().parse::<i32>().unwrap()); }',
  lua: 'print(6 * io.read("n"))',
  R: 'n <- as.integer(readLines(file("stdin"), n = 1)); cat(6 * n, "\\n", sep = "")',
  perl: 'print 6 * <STDIN>, "\\n";',
  D_ut: 'import std.stdio; unittest { assert(6 * 7 == 42); writeln(42); } void main() {}',
  ruby: 'puts 6 * gets.to_i',
  scala: 'object Six { def main(args: Array[String]): Unit = println(6 * scala.io.StdIn.readInt()) }',
  pytest: 'def test_six():\n    print(42)\n    assert 6 * 7 == 42',
  verilog: 'module tb; initial begin $display("%0d", 6 * 7); $finish; end endmodule',
  racket: '#lang racket/base\n(displayln (* 6 (read)))',
};
/** What a framework prints instead of 42. */
const SAYS: Readonly<Record<string, RegExp>> = { go_test: /^ok\s/, pytest: /1 passed/ };

test('every language that a recipe is known for is here, or not in Debian', () => {
  expect([...Object.keys(PACKAGES), ...NOT_IN_DEBIAN].sort()).toEqual(Object.keys(RECIPES).sort());
});

describe.each(['lite', 'none'])('isolation %s', (isolation) => {
  let served: ServedCli;
  beforeAll(async () => {
    await ensurePackages(['bubblewrap', ...new Set(Object.values(PACKAGES).flat())]);
    // Debian's own tools, not those of a version manager.
    const env = { PATH: `/usr/bin:/bin:${process.env.PATH}` };
    served = await serveCli(['--isolation', isolation, '--max-concurrency', '2'], { env });
  });
  afterAll(async () => {
    await served?.stop();
  });

  // The limit that verl sends with every program.
  test.each(Object.entries(PROGRAMS))('%s', async (language, code) => {
    const limits = { compile_timeout: 60, run_timeout: 60, memory_limit_MB: 1024 };
    const answer = await served.run({ language, code, stdin: '7\n', ...limits });
    expect(answer).toMatchObject({ status: 'Success', run_result: { return_code: 0 } });
    expect(answer.run_result?.stdout).toMatch(SAYS[language] ?? /^42\n$/);
  });
});
