import type { Context } from './context.js';
import { changeRecordedFleet } from './recorded-fleet.js';

export interface RenewOptions {
  flags: Readonly<Record<string, unknown>>;
}

/** Replaces every server of a fleet by a new job of the same spec, one after another. */
export async function renew(context: Context, options: RenewOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  const { maxSurge, maxUnavailable } = config;
  await changeRecordedFleet(context, {
    purpose: 'renew',
    config: { ...config, minReady: null },
    change: (before) => ({
      ...before,
      freshFrom: before.generation + 1,
      upkeep: {
        ...before.upkeep,
        ...(maxSurge === null ? {} : { maxSurge }),
        ...(maxUnavailable === null ? {} : { maxUnavailable }),
      },
    }),
  });
}
