import type { EngineOptions, Level } from '../engine.js';
import type { GatewayCounts } from '../metrics/counts.js';
import type { GatewayEndpoint } from '../types.js';

/** A view as it is sent: maps do not go through JSON. */
export interface SentView {
  self: string;
  demands: [id: string, demand: number][];
  turn: number;
}

export interface WorkerOptions extends EngineOptions {
  accessLog: string | null;
}

/** What a worker is told. */
export type Order =
  | { kind: 'start'; options: WorkerOptions }
  | { kind: 'endpoints'; endpoints: readonly GatewayEndpoint[] }
  | { kind: 'view'; level: Level; view: SentView; settled: boolean }
  | { kind: 'count'; id: number }
  | { kind: 'whole'; id: number; counts: GatewayCounts }
  | { kind: 'close'; grace: number };

/** What a worker tells. */
export type Report =
  | { kind: 'here' }
  | { kind: 'listening'; url: string }
  | { kind: 'failed'; message: string; code: string | undefined; syscall: string | undefined }
  | { kind: 'demand'; demand: number }
  | { kind: 'rotation'; count: number }
  | { kind: 'told'; line: string }
  | { kind: 'counts'; id: number; counts: GatewayCounts }
  | { kind: 'whole'; id: number };

/** Asks by messages, each with a number that its answer repeats. */
export class Asked<T> {
  private readonly open = new Map<number, (answer: T) => void>();
  private last = 0;

  ask(send: (id: number) => void): Promise<T> {
    this.last += 1;
    const id = this.last;
    return new Promise((resolve) => {
      this.open.set(id, resolve);
      send(id);
    });
  }

  answer(id: number, answer: T): void {
    this.open.get(id)?.(answer);
    this.open.delete(id);
  }
}
