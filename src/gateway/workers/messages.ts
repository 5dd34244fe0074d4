import type { Counts } from '../fair-share/slot-account.js';
import type { Grant, WorkerUsage } from '../fair-share/worker-split.js';
import type { ProcessOptions } from '../gateway-process.js';
import type { GatewayCounts } from '../metrics/counts.js';
import type { GatewayReport } from '../metrics/snapshot.js';
import type { GatewayEndpoint } from '../types.js';

export interface WorkerOptions extends ProcessOptions {
  accessLog: string | null;
}

export type WorkerCommand =
  | { kind: 'start'; options: WorkerOptions }
  | { kind: 'endpoints'; endpoints: readonly GatewayEndpoint[] }
  | ({ kind: 'slots' } & Grant)
  | { kind: 'count'; id: number }
  | { kind: 'gateway-report'; id: number; report: GatewayReport }
  | { kind: 'close'; grace: number };

export type WorkerReport =
  | { kind: 'ready' }
  | { kind: 'listening'; url: string }
  | { kind: 'failed'; message: string; code: string | undefined; syscall: string | undefined }
  | { kind: 'usage'; usage: WorkerUsage; totals: Counts; healthy: string[] }
  | { kind: 'rotation'; count: number }
  | { kind: 'log'; line: string }
  | { kind: 'counts'; id: number; counts: GatewayCounts }
  | { kind: 'gateway-report'; id: number };

/** Matches replies to requests between processes by a number that the reply repeats. */
export class PendingReplies<T> {
  private readonly pending = new Map<number, (reply: T) => void>();
  private last = 0;

  send(send: (id: number) => void): Promise<T> {
    this.last += 1;
    const id = this.last;
    return new Promise((resolve) => {
      this.pending.set(id, resolve);
      send(id);
    });
  }

  settle(id: number, reply: T): void {
    this.pending.get(id)?.(reply);
    this.pending.delete(id);
  }
}
