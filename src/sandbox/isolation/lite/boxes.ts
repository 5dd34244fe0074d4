import type { VisiblePath } from '../../types.js';
import type { WarmRuns } from '../warm/warm-runs.js';
import type { SandboxLauncher } from './launcher.js';

/** What launches runs. */
export interface Launchers {
  launcherFor(user: SandboxLauncher['user']): SandboxLauncher;
  /** What runs programs without starting anything for them, where there is something. */
  warm?: WarmRuns;
  close(): Promise<void>;
}

type Visible = readonly VisiblePath[];

/** Makes anew what launches runs when other things of the host are shown; what runs began with stays until they end. */
export class Boxes {
  private readonly make: (visible: Visible) => Launchers;
  private current: { launchers: Launchers; runs: number };
  private readonly closing = new Set<Promise<void>>();

  constructor(make: (visible: Visible) => Launchers, visible: Visible) {
    this.make = make;
    this.current = { launchers: make(visible), runs: 0 };
  }

  /** A run begins; `leave` when it is over. */
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

  /** No run may be under way. */
  async close(): Promise<void> {
    await Promise.all([...this.closing, this.current.launchers.close()]);
  }

  private end(launchers: Launchers): void {
    const closed = launchers.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }
}
