import type { NamedJob, OneOffJob } from '../port.js';

const SINFO_FORMAT = '%N|%o|%P|%c|%l|%a|%T|%m|%G|%s';

/** The same arguments for a cluster by its name, which slurmdbd resolves. */
export function forCluster(cluster: string | undefined, words: readonly string[]): string[] {
  const [tool = '', ...rest] = words;
  return cluster === undefined ? [...words] : [tool, '-M', cluster, ...rest];
}

/** Only --parsable, --array and a cluster's name stand on argv; everything else is in the script's #SBATCH lines. */
export function sbatchArgv(scriptPath: string, array: string | null): string[] {
  return ['sbatch', '--parsable', ...(array === null ? [] : [`--array=${array}`]), scriptPath];
}

export const testArgv = (scriptPath: string): string[] => ['sbatch', '--test-only', scriptPath];
export const freeFromNodeArgv = (jobId: string): string[] => [
  ...['scontrol', 'update', `jobid=${jobId}`, 'nodelist='],
];

/**
 * Never -h, since titles prove that an answer came (decision 0007); never --json: Slurm 22.05 ignores all filters
 * then.
 */
export function squeueArgv(uid: number, name: string | null, format: string): string[] {
  const named = name === null ? [] : [`--name=${name}`];
  return ['squeue', '-r', '-a', '-u', String(uid), '-t', 'all', ...named, '-o', format];
}

export const sinfoArgv = (): string[] => ['sinfo', '-h', '-a', '-N', '-o', SINFO_FORMAT];
export const partitionNamesArgv = (): string[] => ['sinfo', '-h', '-o', '%R'];
export const srunHelpArgv = (): string[] => ['srun', '--help'];
export const scancelArgv = (jobIds: readonly string[]): string[] => ['scancel', ...jobIds];
export const partitionArgv = (name: string): string[] => ['scontrol', '-a', 'show', 'partition', '-o', name];
export const partitionsArgv = (): string[] => ['scontrol', '-a', 'show', 'partition', '-o'];
export const reservationsArgv = (): string[] => ['scontrol', 'show', 'reservation', '-o'];
export const pingArgv = (): string[] => ['scontrol', 'ping'];
export const accountsArgv = (user: string): string[] => [
  ...['sacctmgr', '-n', '-P', 'show', 'associations', `user=${user}`],
  'format=Account,MaxSubmitJobs,MaxJobs',
];
export const configArgv = (): string[] => ['scontrol', 'show', 'config'];
/** For an array's id it prints every element, a line each. An empty id would print all jobs of everybody. */
export const jobArgv = (arrayId: string): string[] => ['scontrol', 'show', 'job', '-o', arrayId];
export const scriptArgv = (jobId: string): string[] => ['scontrol', 'write', 'batch_script', jobId, '-'];
export const hostnamesArgv = (hostlist: string): string[] => ['scontrol', 'show', 'hostnames', hostlist];

/** -X leaves out the steps, -P keeps long states whole (OUT_OF_MEMORY). */
export function sacctArgv(jobIds: readonly string[]): string[] {
  return [
    'sacct',
    '-j',
    jobIds.join(','),
    '-X',
    '-n',
    '-P',
    '-o',
    'JobID,State,ExitCode,NodeList,Reason,JobName',
  ];
}

/** -X: SIGINT reaches the program at once. -K: if one task fails all end, to be started again. */
export function srunOverlapArgv(jobId: string, nodes: readonly string[], argv: readonly string[]): string[] {
  const count = String(nodes.length);
  return [
    ...['srun', `--jobid=${jobId}`, '--overlap', '-Q', '-X', '-K', '-N', count, '-n', count],
    ...[`--nodelist=${nodes.join(',')}`, ...argv],
  ];
}

/** With the caller's SLURM_JOB_ID srun would make a step of that job. `maxWait`: seconds to wait for a free node. */
export function srunOneOffArgv(job: OneOffJob, argv: readonly string[], maxWait: number): string[] {
  const { partition, account, qos, reservation, constraint, node, exclude = [] } = job;
  const options = { partition, account, qos, reservation, constraint, nodelist: node };
  return [
    'srun',
    '--job-name=sandboxctl-probe',
    ...Object.entries(options).flatMap(([name, value]) => (value == null ? [] : [`--${name}=${value}`])),
    ...(exclude.length === 0 ? [] : [`--exclude=${exclude.join(',')}`]),
    `--immediate=${maxWait}`,
    '-N',
    '1',
    '-n',
    '1',
    '-t',
    '5',
    '-Q',
    ...argv,
  ];
}

/** Without --quit-on-interrupt srun ends only on two SIGINT within a second. */
export function srunNamedArgv(job: NamedJob, argv: readonly string[], cluster: string | undefined): string[] {
  const optional = (['partition', 'time', 'account', 'qos', 'reservation'] as const).flatMap((key) => {
    const value = job[key];
    return value === null ? [] : [`--${key}=${value}`];
  });
  return [
    'srun',
    '--quit-on-interrupt',
    `--job-name=${job.name}`,
    '--nodes=1',
    '--ntasks=1',
    `--cpus-per-task=${job.cpus}`,
    '--cpu-bind=none',
    '--input=none',
    '--export=ALL',
    `--chdir=${job.cwd}`,
    ...clustersOption(cluster),
    ...optional,
    ...argv,
  ];
}

/** No such job is no error. scancel sends SIGTERM first, so that the program can clean up. */
export function namedScancelArgv(name: string, uid: number, cluster: string | undefined): string[] {
  return ['scancel', ...clustersOption(cluster), `--name=${name}`, `--user=${uid}`];
}

function clustersOption(cluster: string | undefined): string[] {
  return cluster === undefined ? [] : [`--clusters=${cluster}`];
}
