import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { PROGRAM } from '../../control/submit.js';
import { quoteIfNeeded } from '../../text/quote.js';
import { candidates } from '../../text/search-path.js';
import type { Context } from '../context.js';

/** What cron itself searches. */
const CRON_FOLDERS = ['/usr/bin', '/bin'];

/** A line of a crontab that keeps a fleet: cron has another PATH, and no environment of the caller's. */
export function cronLine({ env, stateFolder }: Pick<Context, 'env' | 'stateFolder'>, fleet: string): string {
  const squeue = candidates('squeue', env.PATH).find((path) => existsSync(path));
  const slurm = squeue === undefined ? '/usr/bin' : dirname(squeue);
  const variables = {
    PATH: CRON_FOLDERS.includes(slurm) ? undefined : [slurm, ...CRON_FOLDERS].join(':'),
    SLURM_CONF: env.SLURM_CONF,
    SANDBOXCTL_STATE_DIR: env.SANDBOXCTL_STATE_DIR || env.XDG_STATE_HOME ? stateFolder : undefined,
  };
  const words = [
    ...Object.entries(variables).flatMap(([name, value]) => (value ? `${name}=${quoteIfNeeded(value)}` : [])),
    ...[process.execPath, PROGRAM, 'keep', '--once', '--fleet', fleet].map(quoteIfNeeded),
  ];
  // To cron a % is a line break.
  return `*/5 * * * * ${words.join(' ').replaceAll('%', '\\%')}`;
}
