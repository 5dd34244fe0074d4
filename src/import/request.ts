import type { Config } from '../config/settings.js';
import type { Run } from '../process/run.js';
import type { ImageReference } from '../registry/reference.js';
import type { Progress } from './progress.js';

type ImportConfig = Pick<
  Config,
  | 'registryMirror'
  | 'on'
  | 'arch'
  | 'clusterName'
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
  /** Import even when the digest is unchanged. */
  force: boolean;
  config: ImportConfig;
}

export interface ImportTools {
  run: Run;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress: Progress;
  /** Told each of enroot's settings with its origin (-v). */
  onSetting: (setting: string) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** sandboxctl's own. */
  version: string;
}
