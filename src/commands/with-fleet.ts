import type { Config } from '../config/settings.js';
import {
  type ControllerDeps,
  type FleetController,
  openFleetController,
} from '../control/fleet-controller.js';
import { SandboxctlError } from '../errors.js';
import { failure } from '../fleet/events.js';
import type { Context, Reporter } from './context.js';
import { takeFleetLock } from './fleet-lock.js';

export interface FleetWork extends Pick<ControllerDeps, 'store' | 'scheduler' | 'cluster'> {
  purpose: 'deploy' | 'scale' | 'renew' | 'stop';
  config: Pick<Config, 'settle' | 'drain'>;
  reporter: Reporter;
  /** Given: the work goes on where the lock cannot be written. */
  onUnwritten?: (error: unknown) => void;
}

/**
 * Changes a fleet under its lock; a failure becomes the fleet's last event. Throws kind `locked` while it is held.
 */
export async function withFleet(
  context: Context,
  { store, scheduler, cluster, purpose, config, reporter, onUnwritten }: FleetWork,
  work: (controller: FleetController) => Promise<void>,
): Promise<void> {
  const lock = await takeFleetLock(context, store, purpose, onUnwritten);
  try {
    const controller = await openFleetController({
      store,
      scheduler,
      cluster,
      lock,
      clock: context.clock,
      signal: context.signal,
      confirmGoneAfterMs: config.settle * 1000,
      drain: config.drain,
      onInterrupt: context.onInterrupt,
      show: reporter,
      command: purpose,
    });
    try {
      await work(controller);
    } catch (error) {
      // Any other error is reported by main, which also ends --json with it.
      // A question that was answered with no has changed nothing.
      const tell =
        error instanceof SandboxctlError && error.kind === 'usage' ? controller.advise : controller.emit;
      if (error instanceof SandboxctlError) tell(failure(error));
      throw error;
    } finally {
      await controller.close();
    }
  } finally {
    reporter.close();
    await lock.release();
  }
}
