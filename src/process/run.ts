import { accessSync, constants, openSync } from 'node:fs';
import { SandboxctlError } from '../errors.js';
import { currentFolder, inheritedDescriptors } from '../node.js';
import { execa } from '../vendor/execa.js';

export interface RunOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  input?: string;
  /** Milliseconds until the tool's process group is ended. No limit when left out. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  graceMs?: number;
  /** Milliseconds, after the tool's end, for output of what it left in the background. Without a limit when left out. */
  lingerMs?: number;
  onLine?: (line: string, from: 'stdout' | 'stderr') => void;
  /** Bytes that are kept of each stream; the beginning of longer output is dropped. */
  keepBytes?: number;
}

export interface RunResult {
  argv: readonly string[];
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  aborted: boolean;
}

export type Run = (argv: readonly string[], options: RunOptions) => Promise<RunResult>;

const KEEP_BYTES = 64 * 1024 * 1024;
const GRACE_MS = 5_000;
/** How long after SIGKILL the last output may take. */
const LET_GO_MS = 500;

/**
 * A non-zero exit code is a result, not an error; throws kind `tool` if the tool cannot be started. Signals go to the
 * tool's own process group: enroot's pid alone would leave an orphan that goes on importing.
 */
export const run: Run = async (argv, options) => {
  const [file = '', ...args] = argv;
  const keep = options.keepBytes ?? KEEP_BYTES;
  const child = execa(file, args, {
    env: options.env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stripFinalNewline: false,
    cwd: options.cwd ?? existingFolder(),
    ...(options.input === undefined ? {} : { input: options.input }),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...covered()],
  });
  const kept = { stdout: '', stderr: '' };
  const streams = (['stdout', 'stderr'] as const).map((name) =>
    collect(
      child[name],
      (text) => {
        kept[name] = (kept[name] + text).slice(-keep);
      },
      options.onLine && ((line) => options.onLine?.(line, name)),
    ),
  );

  if (child.pid !== undefined) running.add(child.pid);
  let timedOut = false;
  let aborted = false;
  let killer: NodeJS.Timeout | undefined;
  let linger: NodeJS.Timeout | undefined;
  const letGo = () => {
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  };
  const { lingerMs } = options;
  if (lingerMs !== undefined)
    child.once('exit', () => {
      linger = setTimeout(letGo, lingerMs);
    });
  const endGroup = () => {
    signalGroup(child.pid, 'SIGINT');
    killer ??= setTimeout(() => {
      signalGroup(child.pid, 'SIGKILL');
      // Processes that left the group may keep the pipes open.
      linger = setTimeout(letGo, LET_GO_MS);
    }, options.graceMs ?? GRACE_MS);
  };
  const onAbort = () => {
    aborted = true;
    endGroup();
  };
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          endGroup();
        }, options.timeoutMs);
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort);
  try {
    const result = await child;
    await Promise.all(streams);
    if (result.failed && result.exitCode === undefined && result.signal === undefined) {
      throw notStarted(file, result.cause ?? result);
    }
    return {
      argv,
      code: result.exitCode ?? null,
      signal: (result.signal as NodeJS.Signals | undefined) ?? null,
      ...kept,
      timedOut,
      aborted,
    };
  } finally {
    if (child.pid !== undefined) running.delete(child.pid);
    clearTimeout(timer);
    clearTimeout(killer);
    clearTimeout(linger);
    options.signal?.removeEventListener('abort', onAbort);
  }
};

let nothing: 3 | undefined;

/** Descriptors from 3 on are closed for tools: a supervisor or hook would hold an inherited lock for days. */
function covered(): ('ignore' | 3)[] {
  const inherited = inheritedDescriptors();
  if (inherited.length === 0) return [];
  nothing ??= openSync('/dev/null', 'r+') as 3;
  const empty = nothing;
  const last = Math.max(...inherited);
  return Array.from({ length: last - 2 }, (_, at) => (inherited.includes(at + 3) ? empty : 'ignore'));
}

/** No tool starts in a folder that was deleted or cannot be entered. */
function existingFolder(): string {
  const folder = currentFolder();
  try {
    if (folder !== undefined) accessSync(folder, constants.X_OK);
  } catch {
    return '/';
  }
  return folder ?? '/';
}

/** A second Ctrl-C ends sandboxctl at once, but does not reach these groups. */
const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) signalGroup(pid, 'SIGINT');
});

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {}
}

async function collect(
  stream: NodeJS.ReadableStream | null,
  keep: (text: string) => void,
  onLine: ((line: string) => void) | undefined,
): Promise<void> {
  if (stream === null) return;
  stream.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of stream) {
      const text = String(chunk);
      keep(text);
      if (onLine === undefined) continue;
      // A progress bar redraws its line with CR: each redraw counts as a line.
      const lines = (rest + text).split(/\r\n|\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
  if (rest !== '') onLine?.(rest);
}

export function notStarted(tool: string, cause: unknown): SandboxctlError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return new SandboxctlError('tool', {
    what: missing ? `${tool} was not found on this machine` : `${tool} could not be started`,
    detail: cause instanceof Error ? cause.message : String(cause),
    hint: `check that ${tool} is installed and on PATH: 'command -v ${tool}'`,
    cause,
  });
}
