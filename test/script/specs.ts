import { loadTemplate } from '../../src/control/templates.js';
import type { Submission } from '../../src/fleet/plan.js';
import { hashJob, type JobSpec, type Spec } from '../../src/fleet/spec.js';
import { renderScript, type TemplateTexts } from '../../src/script/render.js';
import type { JobPaths } from '../../src/script/values.js';

export type Changes = Omit<Partial<Spec>, 'job'> & {
  job?: Omit<Partial<JobSpec>, 'slurm'> & { slurm?: Partial<JobSpec['slurm']> };
};

/** A spec as a plain `deploy --nodes 4` makes it, with changes. */
export function specOf({ job = {}, ...rest }: Changes = {}): Spec {
  const { slurm, ...others } = job;
  const whole: JobSpec = {
    runtime: 'pyxis',
    image: { path: '/images/sandbox.sqsh', sha256: 'ab12' },
    slurm: {
      partition: 'cpuonly',
      nodelist: [],
      exclude: [],
      time: '4-00:00:00',
      cpusPerTask: null,
      mem: null,
      exclusive: true,
      account: null,
      qos: null,
      constraint: null,
      reservation: null,
      args: [],
      ...slurm,
    },
    port: 8080,
    portRange: { first: 8080, last: 8179 },
    workers: 'auto',
    env: [],
    mounts: [],
    endpointHost: 'nodeaddr',
    template: null,
    ...others,
  };
  return {
    schema_version: 1,
    fleet: 'sandbox',
    generation: 3,
    nodes: 4,
    hash: hashJob(whole),
    job: whole,
    output: '/home/me/logs/sandbox-%A_%a.log',
    logCap: 50_000_000,
    ...rest,
  };
}

export const ARRAY: Submission = { id: 'abc123', instances: [0, 1, 2, 3], array: '0-3', offset: 0 };
export const PLAIN: Submission = { id: 'abc124', instances: [2], array: null, offset: 2 };
/** Instances past MaxArraySize are tasks of an array of their own. */
export const FAR: Submission = { id: 'abc125', instances: [1001, 1002], array: '0-1', offset: 1001 };

export const PATHS: JobPaths = {
  registrations: '/state/fleets/sandbox/registrations',
  submission: '/state/fleets/sandbox/submissions/abc123',
  environment: '/state/fleets/sandbox/environment-0123.sh',
  program: '/opt/sandboxctl/bin/sandboxctl.js',
  nodejs: '/usr/bin/node',
};

export const ours = await loadTemplate(null, 'pyxis', 'slurm');
export const own = (body: string): TemplateTexts => ({ ...ours, path: 'mine.hbs', body });

export function render(
  changes: Changes = {},
  {
    submission = ARRAY,
    paths = PATHS,
    excluded = [],
    template = ours,
  }: { submission?: Submission; paths?: JobPaths; excluded?: string[]; template?: TemplateTexts } = {},
): string {
  return renderScript(specOf(changes), submission, paths, excluded, template);
}

/** The script's #SBATCH lines, without that word. */
export function directivesOf(script: string): string[] {
  return script
    .split('\n')
    .filter((line) => line.startsWith('#SBATCH '))
    .map((line) => line.slice('#SBATCH '.length));
}
