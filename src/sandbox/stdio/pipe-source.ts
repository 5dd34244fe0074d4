import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../../errors.js';
import { SandboxFailure } from '../types.js';

/** Descriptors that every shell can name. */
const FDS = [3, 4, 5, 6, 7, 8, 9];
/** Number of prepared pipes: enough for a few runs that start together. */
const KEPT = 14;

/**
 * Node makes sockets, which programs can tell from pipes and cannot open by name. A shell makes a pipe for a here-
 * document, without a process, and /proc lets its user open both ends.
 */
const HERE_DOCUMENTS = [
  'while read -r _; do',
  `exec ${FDS.map((fd) => `${fd}<<'${fd}'`).join(' ')}`,
  ...FDS.flatMap((fd) => ['x', String(fd)]),
  'echo made',
  'done',
].join('\n');
/** For bash before 5.1, which writes here-documents to files. */
const SUBSTITUTIONS = `while read -r _; do exec ${FDS.map((fd) => `${fd}< <(:)`).join(' ')}; echo made; done`;

const LEFT = Buffer.alloc(16);

export class PipeSource {
  private readonly stock: number[] = [];
  private maker: PipeMaker | undefined;
  private filling: Promise<void> | undefined;
  private closed = false;

  /** Reading ends, non-blocking, to be closed by the caller. Rejects with SandboxFailure. */
  async take(count: number): Promise<number[]> {
    while (this.stock.length < count) await this.fill();
    const taken = this.stock.splice(-count, count);
    this.refill().catch(() => undefined);
    return taken;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.filling?.catch(() => undefined);
    for (const fd of this.stock.splice(0)) closeSync(fd);
    await this.maker?.close();
  }

  /** Always the same number, so that the descriptors of an idle launcher stay constant. */
  private async refill(): Promise<void> {
    while (this.stock.length < KEPT && !this.closed) await this.fill();
    for (const fd of this.stock.splice(KEPT)) closeSync(fd);
  }

  private fill(): Promise<void> {
    this.filling ??= this.more().finally(() => {
      this.filling = undefined;
    });
    return this.filling;
  }

  private async more(): Promise<void> {
    try {
      this.maker ??= await makerHere();
      this.stock.push(...(await this.maker.make()));
    } catch (error) {
      this.maker = undefined;
      throw new SandboxFailure(`no pipes can be made: ${messageOf(error)}`);
    }
  }
}

async function makerHere(): Promise<PipeMaker> {
  const failures: string[] = [];
  for (const [shell, script] of [
    ['/bin/sh', HERE_DOCUMENTS],
    ['bash', SUBSTITUTIONS],
  ] as const) {
    const maker = new PipeMaker(shell, script);
    try {
      for (const fd of await maker.make()) closeSync(fd);
      return maker;
    } catch (error) {
      failures.push(`${shell}: ${messageOf(error)}`);
      await maker.close();
    }
  }
  throw new Error(failures.join('; '));
}

class PipeMaker {
  private readonly child: ChildProcess;
  private readonly gone: Promise<Error>;

  constructor(shell: string, script: string) {
    this.child = spawn(shell, ['-c', script], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
    this.child.stdin?.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      this.child.on('error', resolve);
      this.child.on('exit', (code, signal) =>
        resolve(new Error(`it ended: ${signal ?? `exit code ${code}`}`)),
      );
    });
  }

  async make(): Promise<number[]> {
    const made = new Promise<undefined>((resolve) => {
      this.child.stdout?.once('data', () => resolve(undefined));
    });
    this.child.stdin?.write('\n');
    const failure = await Promise.race([made, this.gone]);
    if (failure !== undefined) throw failure;
    const opened: number[] = [];
    try {
      for (const fd of FDS) {
        const read = openSync(`/proc/${this.child.pid}/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
        opened.push(read);
        if (!fstatSync(read).isFIFO()) throw new Error('it makes no pipes');
        readSync(read, LEFT);
      }
      return opened;
    } catch (error) {
      for (const fd of opened) closeSync(fd);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    await this.gone;
  }
}
