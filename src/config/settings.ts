import { DEPLOY_GATEWAY } from './settings/deploy-gateway.js';
import { FLEET } from './settings/fleet.js';
import { GATEWAY } from './settings/gateway.js';
import { IMPORT } from './settings/import.js';
import { KEEPING } from './settings/keeping.js';
import { OUTPUT } from './settings/output.js';
import { REPLACING } from './settings/replacing.js';
import { SERVE } from './settings/serve.js';
import { SERVER } from './settings/server.js';
import type { Setting } from './settings/setting.js';
import { SLURM } from './settings/slurm.js';
import { WAITING } from './settings/waiting.js';
import { WATCHING } from './settings/watching.js';

export type { Setting };

/**
 * Flags, environment variables, config keys, the help and docs/config.md come from this table. It imports no library.
 */
export const SETTINGS = [
  ...FLEET,
  ...SLURM,
  ...SERVER,
  ...DEPLOY_GATEWAY,
  ...KEEPING,
  ...WAITING,
  ...REPLACING,
  ...OUTPUT,
  ...IMPORT,
  ...SERVE,
  ...GATEWAY,
  ...WATCHING,
] as const satisfies readonly Setting[];

type Row = (typeof SETTINGS)[number];
type Base<R extends Row> = R['kind'] extends 'int'
  ? number
  : R['kind'] extends 'duration'
    ? number
    : R['kind'] extends 'size'
      ? number
      : R['kind'] extends 'switch'
        ? boolean
        : R['kind'] extends 'list'
          ? string[]
          : R['kind'] extends 'workers'
            ? number | 'auto'
            : R['kind'] extends 'portRange'
              ? { first: number; last: number }
              : R extends { choices: readonly (infer C)[] }
                ? C
                : string;

/** Durations are in seconds, sizes in bytes, Slurm times stay texts; a setting without a default may be null. */
export type Config = { [R in Row as R['key']]: R['default'] extends null ? Base<R> | null : Base<R> };
