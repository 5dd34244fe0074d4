import type { VisiblePath } from '../../types.js';
import type { WarmRuns } from '../warm/warm-runs.js';
import type { SandboxLauncher } from './launcher.js';

/** The ways to launch runs. */
export interface Launchers {
  launcherFor(user: SandboxLauncher['user']): SandboxLauncher;
  /** Runs programs in forks of an interpreter, if available. */
  warm?: WarmRuns;
  close(): Promise<void>;
}

type Visible = readonly VisiblePath[];

/** Replaces the launchers when the visible paths of the host change. Runs under way keep theirs until they end. */
export class Boxes {
  private readonly make: (visible: Visible) => Launchers;
  private current: { launchers: Launchers; runs: number };
  private readonly closing = new Set<Promise<void>>();

  constructor(make: (visible: Visible) => Launchers, visible: Visible) {
    this.make = make;
    this.current = { launchers: make(visible), runs: 0 };
  }

  /** Call at the start of a run, and `leave` at its end. */
  enter(): { launchers: Launchers; leave: () => void } {
    const box = this.current;
    box.runs += 1;
    const leave = () => {
      box.runs -= 1;
      if (box !== this.current && box.runs === 0) this.end(box.launchers);
    };
    return { launchers: box.launchers, leave };
  }

  show(visible: Visible): void {
    const last = this.current;
    this.current = { launchers: this.make(visible), runs: 0 };
    if (last.runs === 0) this.end(last.launchers);
  }

  /** Only when no run is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.closing, this.current.launchers.close()]);
  }

  private end(launchers: Launchers): void {
    const closed = launchers.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }
}
