import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { packTar } from '../../files/tar.js';
import { FETCH_CAP } from '../../limits/limits.js';
import { Collector } from '../../process/collector.js';
import { spawned } from '../../process/spawned.js';
import { childrenOf, kill, killTree, treeOf } from '../../process/tree.js';
import { unnamedFile } from '../../process/unnamed-file.js';
import type { Output, Program } from '../../types.js';
import { FD } from './driver.js';
import type { SandboxLauncher } from './launcher.js';
import { CONTROL_CAP } from './report.js';
import type { OnText, SandboxProcess } from './sandbox-process.js';
import type { RunStreams } from './streams.js';

/** A sandbox as a process, with all of its processes below it. */
export class SpawnedSandbox implements SandboxProcess {
  readonly ended: Promise<Error | undefined>;
  private readonly child: ChildProcess;
  private readonly depth: number;
  /** Error output of the tools that start the sandbox, if it is not in the program's stderr. */
  private readonly complained: Collector | undefined;
  private readonly files: Collector | undefined;

  /** `onText` gets what the driver reports. Throws RequestFault. */
  constructor(
    box: SandboxLauncher,
    program: Program,
    words: readonly string[],
    streams: RunStreams,
    onText: OnText,
  ) {
    this.depth = box.depth;
    this.child = spawnSandbox(box, program, words, streams);
    this.ended = new Promise((resolve) => {
      this.child.on('error', resolve).on('close', () => resolve(undefined));
    });
    if (box.stderr !== 2) this.complained = this.collect(2, CONTROL_CAP);
    const control = this.stream(FD.control)
      .setEncoding('latin1')
      .on('data', onText)
      // A killed sandbox does not read to the end.
      .on('error', () => undefined);
    if (program.fetch.length > 0) {
      this.files = this.collect(FD.fetch, FETCH_CAP);
      control.end(program.fetch.map((path) => `${path}\0`).join(''));
    }
  }

  get complaints(): string {
    return this.complained?.output().bytes.toString() ?? '';
  }

  get fetched(): Output | undefined {
    return this.files?.output();
  }

  first(): number | undefined {
    let pid = this.child.pid;
    for (let step = 0; step <= this.depth && pid !== undefined; step += 1) [pid] = childrenOf(pid);
    return pid;
  }

  tree(): readonly number[] {
    return this.child.pid === undefined ? [] : treeOf(this.child.pid);
  }

  /** Killing the first process ends all others, and then the tools that started it. */
  kill(): void {
    const first = this.first();
    if (first !== undefined) kill([first]);
    else if (this.child.pid !== undefined) killTree(this.child.pid);
  }

  private stream(fd: number): Duplex {
    // spawn made each of these a pipe; those above 2 are duplex.
    return this.child.stdio[fd] as Duplex;
  }

  private collect(fd: number, cap: number): Collector {
    const collector = new Collector(cap);
    this.stream(fd).on('data', (chunk: Buffer) => collector.add(chunk));
    return collector;
  }
}

function spawnSandbox(
  box: SandboxLauncher,
  program: Program,
  words: readonly string[],
  { input, run, compiler, theirs }: RunStreams,
): ChildProcess {
  const opened = [...theirs];
  const given = (fd: number) => {
    opened.push(fd);
    return fd;
  };
  try {
    const stdio: StdioOptions = [
      input?.theirs ?? 'ignore',
      run.out.theirs,
      box.stderr === 2 ? run.err.theirs : 'pipe',
      'pipe',
      given(unnamedFile(program.code)),
      box.stderr !== 2 ? run.err.theirs : box.filter === undefined ? 'ignore' : given(box.filter.open()),
      compiler?.out.theirs ?? 'ignore',
      compiler?.err.theirs ?? 'ignore',
      program.files.size === 0 ? 'ignore' : given(unnamedFile(packTar(program.files, program.executable))),
      program.fetch.length === 0 ? 'ignore' : 'pipe',
    ];
    for (const [fd, from] of box.copies)
      stdio[fd] = given(typeof from === 'string' ? openSync(from, 'r') : from.open());
    for (let fd = 0; fd < stdio.length; fd += 1) stdio[fd] ??= 'ignore';
    // In its own session, so that it has no terminal and receives no Ctrl-C of the server.
    const how = { cwd: '/', env: { ...box.env, ...program.env }, ...box.user, detached: true };
    return spawned(words, { ...how, stdio });
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}
