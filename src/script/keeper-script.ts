import { keeperJobName, renderKeeperComment } from '../fleet/names.js';
import type { JobSpec } from '../fleet/spec.js';
import { bashQuote } from '../text/quote.js';
import { directive } from './directives.js';

/** It sleeps most of the time. */
const MEMORY = '1G';
/**
 * SIGTERM is sent this long before the time limit, so that the keeper releases its locks. Seconds; Slurm may be 60 s
 * early.
 */
const TERM_BEFORE_S = 60;

export interface KeeperScript {
  fleet: string;
  id: string;
  slurm: JobSpec['slurm'];
  /** Absolute path of its log. */
  log: string;
  stateFolder: string;
  /** This package's own program, and the Node that runs it here. */
  program: string;
  nodejs: string;
  /** Exported for the keeper. */
  env: Readonly<Record<string, string>>;
}

/**
 * The batch script of a job that keeps a fleet. Slurm requeues it when its node fails: the keeper of the same job
 * then continues, as any other that is started again.
 */
export function keeperScript({ fleet, id, slurm, ...script }: KeeperScript): string {
  const options: [string, string | number | null][] = [
    ['job-name', keeperJobName(fleet)],
    ['comment', renderKeeperComment(fleet, id)],
    ['output', script.log.replaceAll('%', '%%')],
    ['nodes', 1],
    ['ntasks', 1],
    ['cpus-per-task', 1],
    ['mem', MEMORY],
    ['time', slurm.time],
    ['partition', slurm.partition],
    ['account', slurm.account],
    ['qos', slurm.qos],
    ['reservation', slurm.reservation],
  ];
  const lines = options.flatMap(([name, value]) =>
    value === null ? [] : [directive(`--${name}`, String(value))],
  );
  const directives = [...lines, '--requeue', '--open-mode=append', `--signal=B:TERM@${TERM_BEFORE_S}`];
  const exports = Object.entries({
    ...script.env,
    SANDBOXCTL_STATE_DIR: script.stateFolder,
    SANDBOXCTL_JOB_KEEPER: id,
  }).map(([name, value]) => `export ${name}=${bashQuote(value)}`);
  return `${[
    '#!/bin/bash',
    ...directives.map((each) => `#SBATCH ${each}`),
    `# Keeps fleet ${fleet}. Written by sandboxctl.`,
    'set -u',
    'unset SLURM_JWT',
    ...exports,
    `for nodejs in ${bashQuote(script.nodejs)} "$(command -v node)"; do`,
    `  [[ -x $nodejs ]] && exec "$nodejs" ${bashQuote(script.program)} keep --on here --fleet ${fleet}`,
    'done',
    `echo "no Node.js on $(hostname): ${script.nodejs.replace(/[^\w./-]/g, '?')} is not there, and none is on PATH" >&2`,
    'exit 72',
  ].join('\n')}\n`;
}
