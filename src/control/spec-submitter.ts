import { SandboxctlError } from '../errors.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { Spec } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import type { FleetStore } from '../state/store.js';
import type { Submitter } from './submit.js';
import { loadTemplate, templateDigest } from './templates.js';

/**
 * A submitter for a recorded spec, without the configuration of the `deploy` that recorded it. Throws kind `config`
 * if the user's own template has changed since.
 */
export async function specSubmitter(
  deps: { store: FleetStore; scheduler: Scheduler; cluster: ClusterFacts; cwd: string; now: () => number },
  spec: Spec,
): Promise<Submitter> {
  const { store } = deps;
  const own = spec.job.template;
  const path = own === null ? null : store.folders.template(own);
  const template = await loadTemplate(path, spec.job.runtime, side(spec.job.cluster));
  if (own !== null && templateDigest(template) !== own) throw changedTemplate(spec.fleet, path ?? '');
  const { gateway } = spec;
  return {
    ...deps,
    template,
    gatewayTemplate:
      gateway === undefined ? undefined : await loadTemplate(null, 'gateway', side(gateway.job.cluster)),
  };
}

function side(cluster: Spec['job']['cluster']): 'local' | 'slurm' {
  return cluster === 'local' ? 'local' : 'slurm';
}

function changedTemplate(fleet: string, path: string): SandboxctlError {
  return new SandboxctlError('config', {
    what: `the template of fleet ${fleet} has changed since it was deployed`,
    detail: path,
    hint: `'sandboxctl deploy --fleet ${fleet} --template FILE' deploys it again with your template`,
  });
}
