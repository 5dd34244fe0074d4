import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { SandboxctlError } from '../errors.js';
import { refusalHint } from '../failures/refusals.js';
import { nodesOf } from '../fleet/asked-partitions.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import { planSubmissions, type Submission } from '../fleet/plan.js';
import { GATEWAY, hashAt, type Spec, specAt } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { renderScript, type TemplateTexts } from '../script/render.js';
import type { FleetStore, Intent } from '../state/store.js';

/** This package's own program. */
export const PROGRAM = fileURLToPath(new URL('../../bin/sandboxctl.js', import.meta.url));

export interface SubmitDeps {
  scheduler: Scheduler;
  store: FleetStore;
  template: TemplateTexts;
  /** Undefined where the fleet has no gateway. */
  gatewayTemplate?: TemplateTexts | undefined;
  cluster: ClusterFacts;
  /** The folder of the call, where sbatch runs. */
  cwd: string;
  now: () => number;
}

/** Lower-case letters and digits only: it stands in comments and paths. */
export function newSubmissionId(now: number): string {
  return `${now.toString(36)}${randomBytes(5).toString('hex')}`;
}

/**
 * Submits jobs for instances: the intent is written before sbatch runs, so that a kill at any point
 * leaves either no job or one that the next run finds. `onSubmitted` is told of each as it is sent: a later
 * one may be refused. An intent whose `jobId` stays null is one whose
 * sbatch gave no clear answer. Throws kind `refused` with sbatch's own words where Slurm refuses.
 */
export async function submitInstances(
  deps: SubmitDeps,
  spec: Spec,
  instances: readonly number[],
  onSubmitted: (intent: Intent) => void,
): Promise<void> {
  const plans = planSubmissions(instances, deps.cluster.maxArraySize, () => newSubmissionId(deps.now()));
  for (const plan of plans) onSubmitted(await submitOne(deps, spec, plan));
}

const LOCAL_HINT = 'SANDBOXCTL_STATE_DIR names the folder that they are kept in: it must be writable';

async function submitOne(deps: SubmitDeps, spec: Spec, plan: Submission): Promise<Intent> {
  const { store } = deps;
  const intent: Intent = {
    schema_version: 1,
    ...plan,
    hash: hashAt(spec, plan.offset) ?? spec.hash,
    generation: spec.generation,
    jobId: null,
    createdAt: new Date(deps.now()).toISOString(),
    closed: false,
  };
  // Last before sbatch: what fails earlier leaves nothing that a later run must ask Slurm about.
  await store.writeScript(plan.id, renderFor(deps, spec, plan));
  await store.writeIntent(intent);
  const answer = await deps.scheduler.submit({
    submission: plan,
    scriptPath: store.folders.script(plan.id),
    cwd: deps.cwd,
    here: specAt(spec, plan.offset).job.cluster === 'local',
  });
  if (answer.kind === 'refused') {
    await store.writeIntent({ ...intent, closed: true });
    throw new SandboxctlError('refused', {
      ...(specAt(spec, plan.offset).job.cluster === 'local'
        ? { what: 'the jobs could not be started on this machine', hint: LOCAL_HINT }
        : { what: 'Slurm refused the jobs', hint: refusalHint(answer.words) }),
      words: answer.words,
    });
  }
  if (answer.kind === 'unsure') return intent;
  const known = { ...intent, jobId: answer.jobId };
  await store.writeIntent(known);
  return known;
}

export function renderFor(
  deps: Pick<SubmitDeps, 'store' | 'template' | 'gatewayTemplate' | 'cluster'>,
  spec: Spec,
  plan: Submission,
): string {
  const { folders } = deps.store;
  const paths = {
    registrations: folders.registrations,
    submission: folders.submission(plan.id),
    environment: folders.environment(spec.hash),
    program: PROGRAM,
    nodejs: process.execPath,
  };
  const template = plan.offset === GATEWAY ? deps.gatewayTemplate : deps.template;
  const excluded = excludedNodes(specAt(spec, plan.offset), deps.cluster);
  return renderScript(spec, plan, paths, excluded, template ?? deps.template);
}

/**
 * The nodes that the jobs may not get. A one-node job that lists two nodes is refused by sbatch, so
 * several allowed nodes are said by excluding the partition's others.
 */
function excludedNodes(spec: Spec, cluster: ClusterFacts): string[] {
  const { nodelist, exclude, partition } = spec.job.slurm;
  if (nodelist.length <= 1) return exclude;
  const others = nodesOf(partition, cluster).filter((node) => !nodelist.includes(node.name));
  return [...new Set([...exclude, ...others.map((node) => node.name)])];
}
