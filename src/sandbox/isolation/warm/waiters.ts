import { after } from '../../../node.js';
import { SandboxFailure } from '../../types.js';
import type { Slot } from './slot.js';

/** Milliseconds after which a run does not wait for a slot any more: cold, it would be nearly over. */
const PATIENCE_MS = 500;

interface Waiter {
  resolve(slot: Slot): void;
  reject(error: Error): void;
}

/** Runs that wait for a slot of a zygote, in the order in which they came. */
export class Waiters {
  private readonly all: Waiter[] = [];

  get length(): number {
    return this.all.length;
  }

  /** `patient`: waits as long as it takes. Rejects when the signal is aborted, else with SandboxFailure. */
  wait(signal: AbortSignal, patient: boolean): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const leave = (error: Error) => {
        this.all.splice(this.all.indexOf(waiter), 1);
        waiter.reject(error);
      };
      const slow = () => leave(new SandboxFailure('the zygote is slow to answer'));
      const aborted = () => leave(signal.reason);
      const disarm = patient ? () => undefined : after(PATIENCE_MS, slow);
      const over = () => {
        disarm();
        signal.removeEventListener('abort', aborted);
      };
      const waiter: Waiter = {
        resolve: (slot) => {
          over();
          resolve(slot);
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      this.all.push(waiter);
      signal.addEventListener('abort', aborted);
    });
  }

  /** False if nobody waits. */
  give(slot: Slot): boolean {
    const first = this.all.shift();
    first?.resolve(slot);
    return first !== undefined;
  }

  fail(error: Error): void {
    for (const each of this.all.splice(0)) each.reject(error);
  }
}
