import { startUpstream, type Upstream } from '../../gateway/stubs/upstream.js';
import type { Fault } from './faults.js';

/** Milliseconds of a program by the machine's clock, so that some are under way when something happens. */
const RUN_MS = 60;
const BURST_MS = 10;
/** An event happens when so many programs have begun. */
const EVENT_AT = 3;
/** Milliseconds by the client's clock. */
const RESTART_MS = 3_000;
const SHUTDOWN_MS = 500;

export interface ServerOptions {
  scale: number;
  /** Null: it is well. */
  fault: Fault | null;
  /** What happens to one server happens to all with its fault, at once. */
  event: Promise<void>;
  onEvent(): void;
  /** Takes it off the list of servers. */
  unlist(url: string): void;
}

/** A stub of SandboxFusion with one of the faults. */
export class MatrixServer {
  readonly url: string;
  private stub: Upstream;
  private readonly options: ServerOptions;
  private happened: Promise<void> | undefined;

  private constructor(stub: Upstream, options: ServerOptions) {
    this.stub = stub;
    this.url = stub.url;
    this.options = options;
  }

  static async start(options: ServerOptions): Promise<MatrixServer> {
    const { scale, fault, event, onEvent } = options;
    const onRun = (count: number) => {
      if (count === EVENT_AT && fault !== null) onEvent();
    };
    const stub = await startUpstream({ runMs: fault?.burst === undefined ? RUN_MS : BURST_MS, scale, onRun });
    const server = new MatrixServer(stub, options);
    void event.then(() => server.happen());
    return server;
  }

  /** The fault begins, unless it is an event while programs run. */
  async begin(): Promise<void> {
    const { fault } = this.options;
    if (fault?.behaves !== undefined) await this.stub.behave(fault.behaves);
    if (fault?.event === 'refused') await this.stub.close();
  }

  async close(): Promise<void> {
    await this.happened;
    await this.stub.close();
  }

  private happen(): void {
    const { event } = this.options.fault ?? {};
    if (event === 'restart') this.happened = this.restart();
    else if (event === 'job end') this.happened = this.endJob();
    else if (event === 'scale-down') this.happened = this.drain();
  }

  private async restart(): Promise<void> {
    const port = Number(new URL(this.url).port);
    await this.stub.close();
    await this.pause(RESTART_MS);
    this.stub = await startUpstream({ port, runMs: RUN_MS, scale: this.options.scale });
  }

  /** Its programs get a signal, and it answers for a moment longer. */
  private async endJob(): Promise<void> {
    await this.stub.behave({ mischief: 'killed', sparesCanaries: true });
    await this.pause(SHUTDOWN_MS);
    await this.stub.close();
  }

  private async drain(): Promise<void> {
    this.options.unlist(this.url);
    while ((await this.stub.counts()).inFlight > 0) await this.pause(100);
    await this.stub.close();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms / this.options.scale));
  }
}
