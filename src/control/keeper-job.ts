import { SandboxctlError } from '../errors.js';
import { refusalHint } from '../failures/refusal.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import { gatewaySpec } from '../fleet/gateway-request.js';
import type { Spec } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { keeperScript } from '../script/keeper-script.js';
import type { KeeperStore, KeepOptions } from '../state/keeper.js';
import type { FleetStore } from '../state/store.js';
import { newSubmissionId, PROGRAM } from './submit.js';

export interface KeeperJobDeps {
  store: FleetStore;
  keeper: KeeperStore;
  scheduler: Scheduler;
  stateFolder: string;
  cluster: () => Promise<ClusterFacts>;
  now: () => number;
}

/**
 * Submits a job that keeps the fleet. Its script and log lie in the state folder, which the nodes see. Returns its
 * id; null if sbatch gave no clear answer. Throws kind `refused` with sbatch's message.
 */
export async function submitKeeperJob(
  deps: KeeperJobDeps,
  spec: Spec,
  options: KeepOptions,
): Promise<string | null> {
  const { store, keeper, scheduler, stateFolder } = deps;
  const id = newSubmissionId(deps.now());
  const script = keeperScript({
    ...{ fleet: spec.fleet, id, stateFolder, program: PROGRAM, nodejs: process.execPath },
    slurm: keeperSlurm(spec, options, await deps.cluster()),
    log: keeper.files.log,
    env: { SANDBOXCTL_SETTLE: `${options.settle}s`, SANDBOXCTL_DRAIN: `${options.drain}s` },
  });
  await store.writeKeeperScript(id, script);
  const answer = await scheduler.submit({
    submission: { id, instances: [], array: null, offset: 0 },
    scriptPath: store.folders.keeperScript(id),
    cwd: stateFolder,
  });
  if (answer.kind === 'unsure') return null;
  if (answer.kind === 'submitted') return answer.jobId;
  throw new SandboxctlError('refused', {
    what: "Slurm refused the keeper's job",
    detail: answer.detail,
    hint: `${refusalHint(answer.detail)}; --keeper-partition chooses its partition, and --on here needs no job`,
  });
}

/** Like the gateway's job: on any node, never a whole one, within the limit of its partition. */
function keeperSlurm(spec: Spec, options: KeepOptions, cluster: ClusterFacts) {
  const gateway = spec.gateway?.where === 'job' ? spec.gateway.job.slurm.partition : null;
  const asked = { gatewayPartition: options.partition ?? gateway, gatewayPort: null };
  return gatewaySpec(asked, 'job', spec.job, spec.nodes, cluster).job.slurm;
}
