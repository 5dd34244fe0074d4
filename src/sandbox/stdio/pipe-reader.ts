import { closeSync, readSync } from 'node:fs';
import { type ConnectOpts, Socket } from 'node:net';
import { codeOf } from '../../errors.js';

/** As much as a pipe holds: pipe(7). All pipes share it, since what comes is taken at once. */
const SCRATCH = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The reading end of a pipe. What a short program writes has room in the pipe, so that nothing is set up to follow it
 * until `watch` is called.
 */
export class PipeReader {
  private readonly fd: number;
  private readonly take: (chunk: Buffer) => void;
  private socket: Socket | undefined;
  private atEnd = false;
  private finished = false;

  /** `fd`: non-blocking. `take` gets what was written, in memory that is used again when it returns. */
  constructor(fd: number, take: (chunk: Buffer) => void) {
    this.fd = fd;
    this.take = take;
  }

  /** Reads from now on as it comes. Resolves when nobody has it open for writing, or it was finished. */
  watch(): Promise<void> {
    const callback = (length: number, buffer: Uint8Array) => {
      this.take((buffer as Buffer).subarray(0, length));
      return true;
    };
    // Of net.connect's options; they are the constructor's.
    const onread: ConnectOpts['onread'] = { buffer: SCRATCH, callback };
    const socket = new Socket({ fd: this.fd, readable: true, writable: false, ...{ onread } });
    this.socket = socket;
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      for (const event of ['end', 'close']) {
        socket.on(event, () => {
          this.atEnd = true;
          resolve();
        });
      }
    });
  }

  /** Nobody writes any more: takes what is still in the pipe, whoever else may hold it open, and closes it. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    // Less than was asked for may be one packet of several (O_DIRECT of pipe(2)).
    while (!this.atEnd) this.atEnd = this.next() === 0;
    if (this.socket === undefined) closeSync(this.fd);
    else this.socket.destroy();
  }

  private next(): number {
    try {
      const length = readSync(this.fd, SCRATCH);
      if (length > 0) this.take(SCRATCH.subarray(0, length));
      return length;
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return 0;
      throw error;
    }
  }
}
