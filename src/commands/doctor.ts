import { CHECKS } from '../doctor/checks/index.js';
import { examine } from '../doctor/examine.js';
import { SandboxctlError } from '../errors.js';
import type { Context } from './context.js';
import { findingsIn, screenLines, toJson, widthOf } from './doctor/print.js';
import { writeReport } from './doctor/report.js';
import { setupOf } from './doctor/setup.js';
import { sourcesOf } from './doctor/sources.js';

export interface DoctorOptions {
  flags: Readonly<Record<string, unknown>>;
  /** `here`, the default, or `job`: a compute node as well. */
  on?: string | undefined;
  /** Whether to write a file for a bug report, and its name if the user gave one. */
  report?: { file: string | undefined } | undefined;
}

/** "it ran and said no" (src/errors.ts). */
const FOUND_ERRORS = 5;

/**
 * Looks for what is wrong, here and with what is deployed, and says how to mend it. Changes nothing. Exits with code 5
 * if a finding is an error.
 */
export async function doctor(context: Context, { flags, on = 'here', report }: DoctorOptions): Promise<void> {
  const resolved = await context.config(flags);
  const { config, origins } = resolved;
  if (on !== 'here' && on !== 'job') throw notAPlace(on);
  const setup = await setupOf(context, resolved);
  if (on === 'job' && setup.place === 'local') throw noJobs();
  const progress = await context.progress();
  progress.phase(
    on === 'job'
      ? 'Waiting for a job on a compute node...'
      : 'Checking this machine, Slurm, the image and the servers...',
  );
  const { clock, signal, io } = context;
  const wanted = { job: on === 'job', isolationAsked: origins.isolation !== 'default' };
  const deps = { sleep: clock.sleep, signal };
  const { examined, facts } = await examine(CHECKS, sourcesOf(context, setup, wanted), deps).finally(() =>
    progress.close(),
  );
  if (config.json) io.stdout.write(toJson(examined, on));
  else for (const line of screenLines(examined, widthOf(io.stdout))) io.stdout.line(line);
  if (report !== undefined) {
    const screen = screenLines(examined, Number.POSITIVE_INFINITY).join('\n');
    const path = await writeReport(context, report.file, resolved, { screen, facts });
    io.stderr.line(`report: ${path} (without secrets as far as they are known: read it before you share it)`);
  }
  if (findingsIn(examined).some(({ severity }) => severity === 'error')) context.endWith(FOUND_ERRORS);
}

function notAPlace(on: string): SandboxctlError {
  return new SandboxctlError('usage', {
    what: `--on must be here or job (got '${on}')`,
    hint: "'sandboxctl doctor --on job' also looks at a compute node",
  });
}

function noJobs(): SandboxctlError {
  return new SandboxctlError('usage', {
    what: '--on job needs Slurm, and the servers run on this machine (--cluster local)',
    hint: 'leave out --on job to check this machine',
  });
}
