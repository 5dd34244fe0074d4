import type { Config } from '../config/settings.js';
import type { NamedJob } from '../scheduler/port.js';
import type { Work } from './work.js';

export type JobConfig = Pick<Config, 'partition' | 'time' | 'account' | 'qos' | 'reservation' | 'importCpus'>;

/** Unique for each import, so a later one can cancel the job of an import that died. */
export function importJobName(id: string): string {
  return `sandboxctl-import-${id}`;
}

export function importJob(
  config: JobConfig,
  work: Pick<Work, 'id' | 'folder'>,
  env: NodeJS.ProcessEnv,
): NamedJob {
  const { partition, time, account, qos, reservation, importCpus: cpus } = config;
  const options = { partition, time, account, qos, reservation, cpus };
  return { name: importJobName(work.id), cwd: work.folder, env, ...options };
}
