import type { Config } from '../config/settings.js';
import type { Run } from '../process/run.js';
import type { ImageReference } from '../registry/reference.js';
import type { Scheduler } from '../scheduler/port.js';
import type { Progress } from './progress.js';

type ImportConfig = Pick<
  Config,
  | 'registryMirror'
  | 'on'
  | 'arch'
  | 'importCpus'
  | 'stallTimeout'
  | 'partition'
  | 'time'
  | 'account'
  | 'qos'
  | 'reservation'
>;

export interface ImportRequest {
  reference: ImageReference;
  /** Absolute path of the image file. */
  target: string;
  force: boolean;
  config: ImportConfig;
}

export interface ImportTools {
  run: Run;
  env: NodeJS.ProcessEnv;
  /** Connects to Slurm. Throws kind `tool` if this machine has none. */
  scheduler: () => Promise<Scheduler>;
  signal: AbortSignal;
  progress: Progress;
  onSetting: (setting: string) => void;
  now: () => number;
  version: string;
}
