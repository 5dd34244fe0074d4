import type { Config } from '../config/settings.js';
import type { Work } from './work.js';

export type JobConfig = Pick<
  Config,
  'clusterName' | 'partition' | 'time' | 'account' | 'qos' | 'reservation' | 'importCpus'
>;

function importJobName(id: string): string {
  return `sandboxctl-import-${id}`;
}

/**
 * srun with an allocation of its own that runs the import's script on one node, its stderr coming here.
 * Without --quit-on-interrupt srun wants two SIGINT within a second.
 */
export function srunArgv(config: JobConfig, work: Pick<Work, 'id' | 'folder'>, script: string): string[] {
  const optional = (['partition', 'time', 'account', 'qos', 'reservation'] as const).flatMap((key) => {
    const value = config[key];
    return value === null ? [] : [`--${key}=${value}`];
  });
  return [
    'srun',
    '--quit-on-interrupt',
    `--job-name=${importJobName(work.id)}`,
    '--nodes=1',
    '--ntasks=1',
    `--cpus-per-task=${config.importCpus}`,
    '--cpu-bind=none',
    '--input=none',
    '--export=ALL',
    `--chdir=${work.folder}`,
    ...clusterOption(config),
    ...optional,
    'sh',
    script,
  ];
}

/**
 * Ends the job of an import by its name, which is unique; no such job is no error. scancel begins with
 * SIGTERM, so that the script can clear up; an interrupted srun kills its step at once.
 */
export function scancelArgv(config: Pick<JobConfig, 'clusterName'>, id: string, user: string): string[] {
  return ['scancel', ...clusterOption(config), `--name=${importJobName(id)}`, `--user=${user}`];
}

function clusterOption({ clusterName }: Pick<JobConfig, 'clusterName'>): string[] {
  return clusterName === null ? [] : [`--clusters=${clusterName}`];
}
