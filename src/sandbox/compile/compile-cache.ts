import {
  type Compiled,
  HEADERS,
  type Isolation,
  type Outcome,
  type Program,
  type StageEnd,
  type Tracing,
} from '../types.js';
import { dependsOnClock, readsBeyondSources } from './tracing.js';

/** Bytes of all programs that are kept, and of one. The smallest in Rust may have 12 MB (Debian's 1.63). */
const MOST = 128 * 2 ** 20;
const LARGEST = 16 * 2 ** 20;
/** How many sources that no compiled program is kept of are known. */
const MOST_UNFIT = 4096;
/** What a compiler reads beside the source, such as headers, may change meanwhile. */
const LIFETIME_MS = 600_000;
/** Seconds for `true`, in the place of the program. */
const NOTHING_S = 10;

const NO_TRACING: Tracing = { flags: [], env: {} };
const NOT_REPEATABLE = { outcome: undefined, made: undefined };

interface Made {
  binary: Buffer;
  compile: StageEnd;
  at: number;
}

/**
 * Compiles a source once for the runs that bring it again, as clients do that send one request for each test. The
 * compiler runs in a sandbox of its own, so that no program has touched what is kept.
 */
export class CompileCache {
  /** Least recently used first. */
  private readonly kept = new Map<string, Made>();
  private readonly underWay = new Map<string, Promise<Made | undefined>>();
  /** Keys of sources that compile, and whose programs cannot be kept: to try again would be to compile twice. */
  private readonly unfit = new Set<string>();
  private bytes = 0;
  private readonly isolation: Isolation;
  private readonly now: () => number;

  /** `now`: milliseconds. */
  constructor(isolation: Isolation, now: () => number) {
    this.isolation = isolation;
    this.now = now;
  }

  /** As the isolation's own. */
  readonly run: Isolation = async (program, signal) => {
    const { compiled } = program;
    if (compiled === undefined || program.compile === undefined || this.unfit.has(compiled.key))
      return this.isolation(program, signal);
    const began = this.now();
    const anew = () => this.isolation(this.since(began, program), signal);
    const known = this.find(compiled.key);
    if (known !== undefined) return this.runCompiled(program, known, began, signal);
    // Of those with the same time limit: another caller's compiler may be given more time, or less.
    const attempt = `${compiled.key} ${program.limits.compileTimeout}`;
    const other = this.underWay.get(attempt);
    if (other !== undefined) {
      const theirs = await orAborted(other, signal);
      // Whatever stopped them may not stop this one.
      return theirs === undefined ? anew() : this.runCompiled(program, theirs, began, signal);
    }
    const compiling = this.compile(program, began, signal);
    const result = compiling.then(
      ({ made }) => made,
      () => undefined,
    );
    this.underWay.set(attempt, result);
    try {
      const { made, outcome } = await compiling;
      if (made !== undefined) return await this.runCompiled(program, made, began, signal);
      if (outcome !== undefined && outcome.compile?.code !== 0)
        return { ...(outcome.compile && { compile: outcome.compile }), files: new Map() };
      this.leaveOut(compiled.key);
      return await anew();
    } finally {
      this.underWay.delete(attempt);
    }
  };

  /** The program, for a caller who has waited since then. */
  private since(began: number, program: Program): Program {
    const { limits } = program;
    const seconds = (this.now() - began) / 1000;
    return { ...program, limits: { ...limits, latest: limits.latest - seconds } };
  }

  /** `made`: what others may run, too. No `outcome` where the program must be compiled without tracing. */
  private async compile(program: Program, began: number, signal: AbortSignal) {
    const { compile = [], compiled, env, folder } = program;
    const { key, product, headers, tracing = NO_TRACING } = compiled as Compiled;
    const attempt = (changes: Partial<Program>) => {
      const now = this.since(began, program);
      return this.isolation(
        {
          ...now,
          run: ['/bin/true'],
          stdin: null,
          fetch: [product],
          limits: { ...now.limits, runTimeout: NOTHING_S },
          ...changes,
        },
        signal,
      );
    };
    const traced = await attempt({
      compile: [...compile, ...tracing.flags, ...(headers === undefined ? [] : [`-I${HEADERS}`])],
      env: { ...env, ...tracing.env },
      fetch: tracing.list === undefined ? [product] : [product, tracing.list],
      ...(headers !== undefined && { headers }),
    });
    if (dependsOnClock(traced)) return NOT_REPEATABLE;
    // Precompiled headers shorten the messages of GCC: what it has to say it says without them. One that came to no
    // end would come to none without them, and would take its time twice.
    const again = headers !== undefined && hasEnded(traced) && !isSilent(traced);
    const outcome = again ? await attempt({}) : traced;
    const binary = outcome.files.get(product);
    const good = outcome.compile?.code === 0 && outcome.run?.code === 0;
    if (!good || binary === undefined || binary.length > LARGEST) return { outcome, made: undefined };
    const { list } = tracing;
    if (list !== undefined && readsBeyondSources(traced.files.get(list), folder)) return NOT_REPEATABLE;
    // Outside of the buffer that it came in.
    const made = { binary: Buffer.from(binary), compile: outcome.compile as StageEnd, at: this.now() };
    this.keep(key, made);
    return { outcome, made };
  }

  private async runCompiled(
    program: Program,
    { binary, compile }: Made,
    began: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { compile: _, compiled, ...rest } = this.since(began, program);
    const { product } = compiled as Compiled;
    const seconds = (this.now() - began) / 1000;
    const outcome = await this.isolation(
      {
        ...rest,
        files: new Map([...program.files, [product, binary]]),
        executable: product,
      },
      signal,
    );
    const { cpu: __, ...stage } = compile;
    return { ...outcome, compile: { ...stage, seconds } };
  }

  private find(key: string): Made | undefined {
    const found = this.kept.get(key);
    if (found === undefined) return undefined;
    this.drop(key, found);
    if (this.now() - found.at > LIFETIME_MS) return undefined;
    this.add(key, found);
    return found;
  }

  private keep(key: string, made: Made): void {
    this.add(key, made);
    for (const [oldest, { binary }] of this.kept) {
      if (this.bytes <= MOST) break;
      this.drop(oldest, { binary });
    }
  }

  private leaveOut(key: string): void {
    this.unfit.add(key);
    for (const oldest of this.unfit) {
      if (this.unfit.size <= MOST_UNFIT) break;
      this.unfit.delete(oldest);
    }
  }

  private add(key: string, made: Made): void {
    this.kept.set(key, made);
    this.bytes += made.binary.length;
  }

  private drop(key: string, { binary }: Pick<Made, 'binary'>): void {
    this.kept.delete(key);
    this.bytes -= binary.length;
  }
}

function hasEnded({ compile }: Outcome): boolean {
  return compile !== undefined && compile.code !== null && compile.killed === undefined;
}

function isSilent({ compile }: Outcome): boolean {
  return compile?.code === 0 && compile.stdout.bytes.length === 0 && compile.stderr.bytes.length === 0;
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
