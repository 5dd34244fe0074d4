import { type Memory, memoryReader } from '../../machine/free-memory.js';
import { after } from '../../node.js';

/** The share of the memory that is kept free: programs can use that much before their limits notice. */
const PART = 0.05;
const MOST = 2 * 2 ** 30;
/** Ending a run that holds less does not help: a share of the floor, and bytes. */
const WORTH_PART = 1 / 8;
const WORTH_BYTES = 32 * 2 ** 20;
const FASTEST = 4 * 2 ** 30;
const SOONEST_MS = 20;
const LATEST_MS = 250;
/** Milliseconds until the memory of an ended run is free again. */
const FREED_MS = 200;

export interface FloorOptions {
  endLargest(least: number): Promise<boolean>;
  /** This machine's if not given. Always as many, in the same order. */
  memories?: () => Memory[];
  now?(): number;
  after?(ms: number, act: () => void): () => void;
}

/** Keeps some memory of the machine free while runs are under way, by ending the largest of them. */
export class MemoryFloor {
  private readonly options: FloorOptions;
  private readonly memories: () => Memory[];
  private readonly floors: readonly number[];
  private readonly now: () => number;
  private readonly after: (ms: number, act: () => void) => () => void;
  private disarm = (): void => undefined;
  /** When the next look is due, whether or not anything runs until then. */
  private due = Number.NEGATIVE_INFINITY;
  private runs = 0;

  constructor(options: FloorOptions) {
    this.options = options;
    this.memories = options.memories ?? memoryReader();
    this.now = options.now ?? (() => performance.now());
    this.after = options.after ?? after;
    // At most half of what is free now: other processes' memory cannot be freed.
    this.floors = this.memories().map(({ total, free }) => Math.min(total * PART, MOST, free / 2));
  }

  /** Call the returned function when the run is over. */
  enter(): () => void {
    this.runs += 1;
    // What the last look saw free cannot all be taken before the next is due.
    if (this.runs === 1) this.wait(Math.max(SOONEST_MS, this.due - this.now()));
    return () => {
      this.runs -= 1;
      if (this.runs === 0) this.disarm();
    };
  }

  private wait(ms: number): void {
    this.disarm();
    this.disarm = this.after(ms, () => void this.measure());
  }

  private async measure(): Promise<void> {
    const above = this.memories().map(({ free }, index) => free - (this.floors[index] ?? 0));
    const lowest = above.indexOf(Math.min(...above));
    const room = above[lowest] ?? 0;
    let ms = Math.min(LATEST_MS, Math.max(SOONEST_MS, (room / FASTEST) * 1000));
    if (room < 0) {
      const ended = await this.options.endLargest(
        Math.max(WORTH_BYTES, (this.floors[lowest] ?? 0) * WORTH_PART),
      );
      ms = ended ? FREED_MS : LATEST_MS;
    }
    this.due = this.now() + ms;
    if (this.runs > 0) this.wait(ms);
  }
}
