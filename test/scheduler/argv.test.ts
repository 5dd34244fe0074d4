import { expect, it } from 'vitest';
import * as argv from '../../src/scheduler/slurm/argv.js';
import { sbatchEnvironment, toolEnvironment } from '../../src/scheduler/slurm/environment.js';

it('sbatch gets nothing on its command line but what cannot stand in a script', () => {
  expect(argv.sbatchArgv('/s/script.sbatch', '0-3')).toEqual([
    'sbatch',
    '--parsable',
    '--array=0-3',
    '/s/script.sbatch',
  ]);
  expect(argv.sbatchArgv('/s/script.sbatch', null)).toEqual(['sbatch', '--parsable', '/s/script.sbatch']);
});

it('a cluster that has a name is named to each tool', () => {
  const words = argv.forCluster('west', argv.sbatchArgv('/s/script.sbatch', '0-3'));
  expect(words.join(' ')).toBe('sbatch -M west --parsable --array=0-3 /s/script.sbatch');
  expect(argv.forCluster(undefined, ['squeue', '-h'])).toEqual(['squeue', '-h']);
});

it('squeue is asked once for all jobs of a user or of one fleet, never as JSON', () => {
  const all = argv.squeueArgv(2000, null, '%i');
  expect(all.join(' ')).toBe('squeue -r -a -u 2000 -t all -o %i');
  expect(argv.squeueArgv(2000, 'sandboxctl-team', '%i').join(' ')).toContain(' --name=sandboxctl-team ');
});

it('scancel and sacct take all jobs at once', () => {
  expect(argv.scancelArgv(['1000_0', '1001'])).toEqual(['scancel', '1000_0', '1001']);
  expect(argv.sacctArgv(['1000_0', '1001'])[2]).toBe('1000_0,1001');
});

it('srun of a one-off job gets the options that are set, and no others', () => {
  const bare = argv.srunOneOffArgv({ partition: 'cpu', account: null }, ['true'], 30);
  expect(bare.join(' ')).toBe(
    'srun --job-name=sandboxctl-probe --partition=cpu --immediate=30 -N 1 -n 1 -t 5 -Q true',
  );
  const all = {
    partition: 'cpu',
    account: 'a',
    qos: 'q',
    reservation: 'r',
    constraint: 'c',
    node: 'n1',
    exclude: ['n2', 'n3'],
  };
  expect(argv.srunOneOffArgv(all, ['cat'], 5).slice(2, 9)).toEqual([
    ...['--partition=cpu', '--account=a', '--qos=q', '--reservation=r', '--constraint=c', '--nodelist=n1'],
    '--exclude=n2,n3',
  ]);
});

const named = {
  name: 'sandboxctl-import-0123456789ab',
  cpus: 4,
  partition: 'cpu',
  time: '1:00:00',
  account: null,
  qos: null,
  reservation: null,
  cwd: '/images/work',
  env: {},
};

it('srun of a named job gets the options that are set, and no others', () => {
  expect(argv.srunNamedArgv(named, ['sh', '/images/s.sh'], undefined).join(' ')).toBe(
    'srun --quit-on-interrupt --job-name=sandboxctl-import-0123456789ab --nodes=1 --ntasks=1 ' +
      '--cpus-per-task=4 --cpu-bind=none --input=none --export=ALL --chdir=/images/work ' +
      '--partition=cpu --time=1:00:00 sh /images/s.sh',
  );
  expect(argv.srunNamedArgv(named, ['true'], 'west')).toContain('--clusters=west');
});

it('scancel finds a named job by its name, among those of this user', () => {
  expect(argv.namedScancelArgv(named.name, 1000, undefined)).toEqual([
    'scancel',
    '--name=sandboxctl-import-0123456789ab',
    '--user=1000',
  ]);
  expect(argv.namedScancelArgv(named.name, 1000, 'west')[1]).toBe('--clusters=west');
});

const caller = {
  PATH: '/bin',
  HOME: '/home/sbx',
  USER: 'sbx',
  LANG: 'C.UTF-8',
  API_KEY: 'secret',
  LD_PRELOAD: '/x.so',
  SLURM_CONF: '/etc/slurm/slurm.conf',
  SLURM_CLUSTERS: 'a',
  SLURM_JWT: 'jwt',
  SLURM_JOB_ID: '77',
  SLURM_EXACT: '1',
  SBATCH_PARTITION: 'nope',
  SQUEUE_FORMAT: '%i',
  SQUEUE_STATES: 'all',
  SINFO_FORMAT: '%n',
  SACCT_FORMAT: 'JobID',
  SCANCEL_INTERACTIVE: '1',
  SLURM_TIME_FORMAT: 'relative',
  NODE_OPTIONS: '--inspect',
};

it('Slurm’s tools keep where their cluster is, and lose what the caller set for them', () => {
  expect(toolEnvironment(caller)).toEqual({
    PATH: '/bin',
    HOME: '/home/sbx',
    USER: 'sbx',
    LANG: 'C.UTF-8',
    API_KEY: 'secret',
    LD_PRELOAD: '/x.so',
    NODE_OPTIONS: '--inspect',
    SLURM_CONF: '/etc/slurm/slurm.conf',
    SLURM_JWT: 'jwt',
    SLURM_TIME_FORMAT: 'standard',
  });
});

it('sbatch runs under an environment that is built: jobs inherit it', () => {
  expect(sbatchEnvironment(caller)).toEqual({
    PATH: '/bin',
    HOME: '/home/sbx',
    USER: 'sbx',
    LANG: 'C.UTF-8',
    SLURM_CONF: '/etc/slurm/slurm.conf',
    SLURM_JWT: 'jwt',
  });
});
