import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { after } from '../../../node.js';
import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import { treeUsage } from '../../limits/usage.js';
import { Watch } from '../../limits/watch.js';
import { Collector } from '../../process/collector.js';
import { killMarked } from '../../process/leftovers.js';
import { spawned } from '../../process/spawned.js';
import { kill, treeOf } from '../../process/tree.js';
import { type Excess, SandboxFailure, type StageEnd } from '../../types.js';

export interface Stage {
  words: readonly string[];
  folder: string;
  env: Readonly<Record<string, string>>;
  stdin: string | null;
  /** Seconds. */
  timeout: number;
  /** Bytes. */
  memory: number;
  /** Bytes that a process may map; null for no limit. */
  data: number | null;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  groups: RunGroups | undefined;
}

/** Milliseconds for what is written when the program has ended; a daemon of its could hold the pipe for ever. */
const LAST_WORDS_MS = 100;

/** Runs one program; it ends with all that it started, but for daemons that hide, which Leftovers ends. */
export async function runStage(stage: Stage, signal: AbortSignal): Promise<StageEnd> {
  signal.throwIfAborted();
  const began = performance.now();
  const child = start(stage);
  const [stdout, stderr] = [new Collector(stage.outputCap), new Collector(stage.outputCap)];
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  // A program need not read what it is given.
  child.stdin?.on('error', () => undefined).end(stage.stdin);
  const end = () => endTree(child, stage.folder);
  let timedOut = false;
  let killed: Excess | undefined;
  const inTime = after(stage.timeout * 1000, () => {
    timedOut = true;
    end();
  });
  const watch = new Watch({
    usage: () => (child.pid === undefined ? undefined : treeUsage(child.pid, stage.memory)),
    tree: () => (child.pid === undefined ? [] : treeOf(child.pid)),
    memory: stage.memory,
    groups: stage.groups,
    exceeded: (excess) => {
      killed = excess;
      end();
    },
  });
  signal.addEventListener('abort', end);
  try {
    const code = await ended(child, stage.folder);
    const unseen = watch.end();
    killed ??= unseen;
    signal.throwIfAborted();
    const seconds = (performance.now() - began) / 1000;
    const streams = { seconds, stdout: stdout.output(), stderr: stderr.output() };
    if (killed === undefined) return { code: timedOut ? null : code, ...streams };
    return { code: timedOut ? null : -constants.signals.SIGKILL, ...streams, killed };
  } finally {
    inTime();
    watch.end();
    signal.removeEventListener('abort', end);
  }
}

function start({ words, folder, env, stdin, data }: Stage): ChildProcess {
  const limited = ['/bin/sh', '-c', `ulimit -d ${Math.ceil((data ?? 0) / 1024)}; exec "$@"`, 'sh'];
  const child = spawned(data === null ? words : [...limited, ...words], {
    cwd: folder,
    env,
    detached: true,
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  return child;
}

/** The exit code; negative for a signal. */
function ended(child: ChildProcess, folder: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let result = 0;
    child.on('error', (error) => reject(new SandboxFailure(error.message)));
    child.on('exit', (code, signal) => {
      result = code ?? -constants.signals[signal ?? 'SIGKILL'];
      killGroup(child);
      const held = setTimeout(() => killMarked(new Set([folder])), LAST_WORDS_MS);
      child.on('close', () => clearTimeout(held));
    });
    child.on('close', () => resolve(result));
  });
}

function endTree(child: ChildProcess, folder: string): void {
  if (child.pid !== undefined) kill(treeOf(child.pid));
  killGroup(child);
  killMarked(new Set([folder]));
}

function killGroup({ pid }: ChildProcess): void {
  // The group outlives its leader as long as somebody is in it, and its number is not given away before.
  if (pid !== undefined) kill([-pid]);
}
