import { type ChildProcess, fork } from 'node:child_process';
import { type AddressInfo, Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Descriptors } from './descriptors.js';
import { handleOf } from './pass-port.js';

const HOLDER = fileURLToPath(new URL('./listener-holder.js', import.meta.url));
/** A process with this many descriptors never needs to stop accepting: no holder is started for it. */
const AMPLE = 16_384;
/** Connections that must have ended before new ones are accepted again. */
const HYSTERESIS = 16;
/** Connections that wait in the kernel; it limits them further by net.core.somaxconn, 4,096 by default. */
export const BACKLOG = 4_096;

/**
 * Stops accepting while few descriptors are left, so callers wait in the listening socket; Node would accept and
 * close. Closing that socket would drop its queue, so another process keeps a copy.
 */
export class AcceptLimit {
  private holder: ChildProcess | undefined;
  private held = false;
  private paused = false;
  private closed = false;
  private address: AddressInfo | undefined;
  private readonly server: Server;
  private readonly descriptors: Descriptors;
  private readonly onFull: () => void;

  constructor(server: Server, descriptors: Descriptors, onFull: () => void) {
    this.server = server;
    this.descriptors = descriptors;
    this.onFull = onFull;
    server.on('connection', (socket: Socket) => {
      descriptors.open += 1;
      socket.once('close', () => {
        descriptors.open -= 1;
        if (this.paused && descriptors.acceptable >= HYSTERESIS) this.resume();
      });
      if (descriptors.acceptable <= 0) this.pause();
    });
  }

  /** Call it once the server listens. Resolves when it can stop accepting, or never will. */
  async start(): Promise<void> {
    if (this.descriptors.limit >= AMPLE) return;
    this.address = this.server.address() as AddressInfo;
    const holder = fork(HOLDER, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.holder = holder;
    holder.on('message', (word, handle) => {
      if (word === 'keep') this.held = true;
      else this.listen(handle);
    });
    holder.on('error', () => undefined);
    holder.once('exit', () => {
      this.held = false;
      if (this.paused && !this.closed) this.listen({ port: this.address?.port, host: this.address?.address });
    });
    holder.send('keep', handleOf(this.server) as never);
    await new Promise<void>((resolve) => {
      holder.once('message', () => resolve());
      holder.once('exit', () => resolve());
    });
    holder.unref();
    holder.channel?.unref();
  }

  async stop(): Promise<void> {
    this.closed = true;
    if (this.paused) {
      const listening = new Promise((resolve) => this.server.once('listening', resolve));
      this.resume();
      await listening;
    }
    this.holder?.disconnect();
  }

  private pause(): void {
    this.onFull();
    if (!this.held || this.paused || this.closed) return;
    this.paused = true;
    // Not the close() of an HTTP server, which would also end its connections.
    Server.prototype.close.call(this.server);
  }

  private resume(): void {
    if (this.holder?.connected) this.holder.send('give');
  }

  private listen(handle: unknown): void {
    if (!this.paused) return;
    this.paused = false;
    this.server.listen(handle as object, BACKLOG);
  }
}
