import type { Config } from '../config/settings.js';
import { CHECKS } from '../doctor/checks/index.js';
import { examine } from '../doctor/examine.js';
import { requestedCluster } from './cluster.js';
import type { Context } from './context.js';
import { findingsIn, printExamined, toJson } from './doctor/print.js';
import { sourcesOf } from './doctor/sources.js';

export interface DoctorOptions {
  flags: Readonly<Record<string, unknown>>;
}

/** "it ran and said no" (src/errors.ts). */
const FOUND_ERRORS = 5;

/**
 * Looks for what is wrong, here and with what is deployed, and says how to mend it. Changes nothing. Exits with code 5
 * if a finding is an error.
 */
export async function doctor(context: Context, { flags }: DoctorOptions): Promise<void> {
  const { config } = await context.config(flags);
  const setup = await setupOf(context, config);
  const progress = await context.progress();
  progress.phase('Checking this machine, Slurm, the image and the servers...');
  const { clock, signal, io } = context;
  const deps = { sleep: clock.sleep, signal };
  const examined = await examine(CHECKS, sourcesOf(context, setup), deps).finally(() => progress.close());
  if (config.json) io.stdout.write(toJson(examined, 'here'));
  else printExamined(io.stdout, examined);
  if (findingsIn(examined).some(({ severity }) => severity === 'error')) context.endWith(FOUND_ERRORS);
}

async function setupOf(context: Context, config: Config) {
  const place = requestedCluster(config) ?? (await context.clusters())[0] ?? 'local';
  return { config, place, stateFolder: context.stateFolder };
}
