import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import { treeCpu } from '../../limits/cpu/sample.js';
import { clientTimeoutReason, type TimeEnd, TimeLimit } from '../../limits/cpu/time-limit.js';
import { stackLimit } from '../../limits/limits.js';
import { treeUsage } from '../../limits/usage.js';
import { Watch } from '../../limits/watch.js';
import { killMarked } from '../../process/leftovers.js';
import { spawned } from '../../process/spawned.js';
import { kill, treeOf } from '../../process/tree.js';
import type { PipeSource } from '../../stdio/pipe-source.js';
import { InputPipe, OutputPipe } from '../../stdio/program-pipes.js';
import { ClientTimedOut, type Excess, SandboxFailure, type StageEnd } from '../../types.js';
import type { Ending } from './ending.js';

export interface Stage {
  words: readonly string[];
  folder: string;
  env: Readonly<Record<string, string>>;
  stdin: string | null;
  /** Seconds. */
  timeout: number;
  /** Seconds from now until the client's timeout. */
  latest: number;
  /** Bytes. */
  memory: number;
  /** Bytes to which the main stack may grow; null: this server's own limit. */
  stack: number | null;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  groups: RunGroups | undefined;
  pipes: PipeSource;
  /** If the machine lets a program's parent report how it ended. */
  ending: (() => Ending) | undefined;
}

/** Milliseconds for output after the program's end; a daemon could keep the pipe open for ever. */
const FINAL_OUTPUT_MS = 100;

/** Runs one program and ends everything that it started, except for hidden daemons, which Leftovers ends. */
export async function runStage(stage: Stage, signal: AbortSignal): Promise<StageEnd> {
  signal.throwIfAborted();
  const streams = await streamsOf(stage);
  const read = Promise.all([streams.stdout.watch(), streams.stderr.watch()]);
  const began = performance.now();
  const ending = stage.ending?.();
  const child = start(stage, streams, ending);
  const end = () => endTree(child, stage.folder);
  let timedOut = false;
  let killed: Excess | undefined;
  let starved: string | undefined;
  let clientTimeout: Exclude<TimeEnd, 'timeout'> | undefined;
  const time = new TimeLimit({
    limit: stage.timeout * 1000,
    latest: stage.latest * 1000,
    sample: () => (child.pid === undefined ? undefined : treeCpu(child.pid)),
    onEnd: (how) => {
      if (how === 'timeout') timedOut = true;
      else clientTimeout = how;
      end();
    },
  });
  const watch = new Watch({
    usage: () => (child.pid === undefined ? undefined : treeUsage(child.pid, stage.memory)),
    tree: () => (child.pid === undefined ? [] : treeOf(child.pid)),
    memory: stage.memory,
    groups: stage.groups,
    exceeded: (excess) => {
      killed ??= excess;
      end();
    },
    starved: (words) => {
      starved = words;
      end();
    },
  });
  watch.start();
  signal.addEventListener('abort', end);
  try {
    const code = await ended(child, stage, read, ending);
    const unseen = watch.end();
    killed ??= unseen.excess;
    starved ??= unseen.starved;
    signal.throwIfAborted();
    if (code === -constants.signals.SIGKILL && !timedOut) starved ??= watch.starvedMeanwhile();
    if (starved !== undefined && killed === undefined) throw new SandboxFailure(starved);
    if (clientTimeout !== undefined)
      throw new ClientTimedOut(clientTimeoutReason(clientTimeout, stage.timeout, time));
    const seconds = (performance.now() - began) / 1000;
    const cpu = time.facts(timedOut);
    const output = {
      ...{ seconds, stdout: streams.stdout.finish(), stderr: streams.stderr.finish() },
      ...(cpu && { cpu }),
    };
    if (killed === undefined) return { code: timedOut ? null : code, ...output };
    return { code: timedOut ? null : -constants.signals.SIGKILL, ...output, killed };
  } finally {
    ending?.close();
    streams.stdin?.close();
    for (const each of [streams.stdout, streams.stderr]) each.finish();
    time.stop();
    watch.end();
    signal.removeEventListener('abort', end);
  }
}

interface Streams {
  stdin: InputPipe | undefined;
  stdout: OutputPipe;
  stderr: OutputPipe;
}

async function streamsOf({ stdin, pipes, outputCap }: Stage): Promise<Streams> {
  const taken = await pipes.take(stdin ? 3 : 2);
  const pipe = () => taken.pop() as number;
  const output = () => new OutputPipe(pipe(), outputCap, undefined);
  return {
    stdin: stdin ? new InputPipe(pipe(), stdin, undefined) : undefined,
    stdout: output(),
    stderr: output(),
  };
}

function start(
  { words, folder, env, stack }: Stage,
  { stdin, stdout, stderr }: Streams,
  ending: Ending | undefined,
): ChildProcess {
  const limited = stack === null ? [] : ['/bin/sh', '-c', `ulimit ${stackLimit(stack)}; exec "$@"`, 'sh'];
  try {
    return spawned([...limited, ...(ending?.words ?? []), ...words], {
      cwd: folder,
      env,
      detached: true,
      stdio: [stdin?.theirs ?? 'ignore', stdout.theirs, stderr.theirs, ...(ending?.stdio ?? [])],
    });
  } catch (error) {
    ending?.close();
    throw error;
  } finally {
    for (const each of [stdin, stdout, stderr]) if (each !== undefined) closeSync(each.theirs);
  }
}

/** The exit code; negative for a signal. */
async function ended(
  child: ChildProcess,
  { folder, words }: Stage,
  read: Promise<unknown>,
  ending: Ending | undefined,
): Promise<number> {
  const own = await new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(new SandboxFailure(error.message)));
    child.on('exit', (exit, signal) => resolve(exit ?? -constants.signals[signal ?? 'SIGKILL']));
  });
  killGroup(child);
  const held = Symbol('held');
  const last = setTimeout(FINAL_OUTPUT_MS, held, { ref: false });
  if ((await Promise.race([read, last])) === held) killMarked(new Set([folder]));
  const code = ending?.code();
  if (code === null) throw new SandboxFailure(`${words[0]} cannot be started`);
  return code ?? own;
}

function endTree(child: ChildProcess, folder: string): void {
  if (child.pid !== undefined) kill(treeOf(child.pid));
  killGroup(child);
  killMarked(new Set([folder]));
}

function killGroup({ pid }: ChildProcess): void {
  // The group exists as long as a process is in it, and its number is not reused before.
  if (pid !== undefined) kill([-pid]);
}
