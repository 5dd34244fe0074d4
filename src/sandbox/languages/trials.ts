import type { Language } from '../../api/languages.js';
import type { RunRequest } from '../../api/request.js';
import { stampOf } from '../compile/source-key.js';
import type { Outcome } from '../types.js';

/** Programs that exit with 0 if a language works. Each prints 42, or tests it. */
const CPP = '#include <cstdio>\nint main() { std::printf("42\\n"); }';
const GO_TEST =
  'package main\nimport "testing"\nfunc TestSix(t *testing.T) { if 6*7 != 42 { t.Fatal("no") } }';
const JAVA = 'class Main { public static void main(String[] args) { System.out.println(42); } }';
const SCALA = 'object Trial { def main(args: Array[String]): Unit = println(42) }';

const PROGRAMS: Readonly<Partial<Record<Language, string>>> = {
  python: 'print(42)',
  cpp: CPP,
  nodejs: 'console.log(42)',
  go: 'package main\nimport "fmt"\nfunc main() { fmt.Println(42) }',
  go_test: GO_TEST,
  java: JAVA,
  php: 'echo 42;',
  bash: 'echo 42',
  typescript: 'const answer: number = 42; console.log(answer)',
  rust: 'fn main() { println!("{}", 42); }',
  lua: 'print(42)',
  R: 'cat(42)',
  perl: 'print 42',
  D_ut: 'unittest { assert(6 * 7 == 42); } void main() {}',
  ruby: 'puts 42',
  scala: SCALA,
  julia: 'println(42)',
  pytest: 'def test_six():\n    assert 6 * 7 == 42',
  kotlin_script: 'println(42)',
  verilog: 'module tb; initial begin $display("%0d", 42); $finish; end endmodule',
  swift: 'print(42)',
  racket: '#lang racket/base\n(display 42)',
};

/** Seconds: a JVM's compiler on a busy machine. */
const TRIAL_S = 120;

export function trialRequest(language: Language): RunRequest | undefined {
  const code = PROGRAMS[language];
  if (code === undefined) return undefined;
  const limits = { compileTimeout: TRIAL_S, runTimeout: TRIAL_S, memoryLimitMB: -1 };
  return { language, code, ...limits, stdin: null, files: {}, fetchFiles: [], sent: new Set() };
}

const WORDS = 3;

export function trialFailure({ compile, run }: Outcome): string | undefined {
  const last = run ?? compile;
  if (last === undefined || last.code === 0) return undefined;
  const lines = Buffer.concat([last.stderr.bytes, last.stdout.bytes]).toString().trim().split('\n');
  return `${last.code === null ? 'it took too long' : `exit code ${last.code}`}: ${lines.slice(0, WORDS).join(' ')}`;
}

/** How long a failed trial is valid: a machine that is short of memory for a moment must not lose a language. */
const BELIEVED_MS = 60_000;

export interface TrialsOptions {
  run(language: Language): Promise<string | undefined>;
  tools(language: Language): readonly string[];
  failed(language: Language, reason: string): void;
  /** Milliseconds. */
  now(): number;
}

interface Trial {
  tools: string;
  at: number;
  reason: Promise<string | undefined>;
}

/**
 * Runs a trial program before the first answer in a language, and again when its tools have changed: a broken tool
 * on PATH must not become a program's failure.
 */
export class Trials {
  private readonly options: TrialsOptions;
  private readonly trials = new Map<Language, Trial>();
  private readonly broken = new Set<Language>();

  constructor(options: TrialsOptions) {
    this.options = options;
  }

  isBroken(language: Language): boolean {
    return this.broken.has(language);
  }

  /** Why programs in this language cannot run; undefined if they can. Rejects if the sandbox failed. */
  check(language: Language): Promise<string | undefined> {
    const tools = this.options.tools(language).map(stampOf).join('\n');
    const last = this.trials.get(language);
    const stale = this.isBroken(language) && last !== undefined && this.options.now() - last.at > BELIEVED_MS;
    if (last?.tools === tools && !stale) return last.reason;
    const reason = this.run(language);
    this.trials.set(language, { tools, at: this.options.now(), reason });
    reason.catch(() => this.trials.delete(language));
    return reason;
  }

  private async run(language: Language): Promise<string | undefined> {
    const reason = await this.options.run(language);
    if (reason === undefined) this.broken.delete(language);
    else {
      this.broken.add(language);
      this.options.failed(language, reason);
    }
    return reason;
  }
}
