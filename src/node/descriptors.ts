import { readFileSync } from 'node:fs';

const OTHERS = 64;
/** Kept free for connections to elsewhere, once no more are accepted. */
const KEPT_FREE = 0.25;

/** Infinity if unknown. Node raises the soft limit to the hard one at its start. */
function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export class Descriptors {
  open = 0;
  readonly limit: number;

  constructor(limit = descriptorLimit()) {
    this.limit = limit;
  }

  get mayConnect(): boolean {
    return this.open < this.limit - OTHERS;
  }

  get acceptable(): number {
    return Math.floor((this.limit - OTHERS) * (1 - KEPT_FREE)) - this.open;
  }
}

const WARN_EVERY_MS = 60_000;

/** Logs at most once a minute that a process has too few descriptors. */
export function exhaustionWarning(
  who: string,
  now: () => number,
  log: (line: string) => void,
): (limit: number) => void {
  let warnedAt = Number.NEGATIVE_INFINITY;
  return (limit) => {
    if (now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = now();
    log(
      `warning: ${who} may have ${limit} files open and needs more, so callers wait. Raise the limit (ulimit -Hn, or LimitNOFILE of its service)`,
    );
  };
}
