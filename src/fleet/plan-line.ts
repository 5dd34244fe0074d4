import { basename } from 'node:path';
import { parseTimeLimit } from '../config/units.js';
import { type Spec, slurmName } from './spec.js';

export function planLine(spec: Spec, kept = 0): string {
  const { image, runtime } = spec.job;
  const gateways = { here: ['a gateway here'], job: ['a gateway in a job of its own'] };
  return [
    `${counts(spec, kept)} ${place(spec)} for ${timeLimit(spec)}`,
    ...(image === null ? [] : [`image ${basename(image.path)}`]),
    ...(runtime === 'pyxis' ? [] : [`runtime ${runtime}`]),
    ...(spec.gateway === undefined ? [] : gateways[spec.gateway.where]),
  ].join(', ');
}

function counts({ nodes, freshFrom, generation }: Spec, kept: number): string {
  const servers = (count: number) => (count === 1 ? '1 server' : `${count} servers`);
  if (kept === 0 && freshFrom === generation) return `a new job for each of ${servers(nodes)}`;
  if (kept === 0) return servers(nodes);
  const running = kept >= nodes ? 'running already' : `${kept} running already, ${nodes - kept} to start`;
  return `${servers(nodes)} (${running})`;
}

function place({ job: { cluster, slurm } }: Spec): string {
  if (cluster === 'local') return 'on this machine';
  const named = cluster === undefined ? undefined : slurmName(cluster);
  return `in partition ${slurm.partition}${named === undefined ? '' : ` of cluster ${named}`}`;
}

/** Slurm reads a bare number as minutes, and 0 as no limit. */
function timeLimit({ job: { slurm } }: Spec): string {
  if (parseTimeLimit(slurm.time) === null) return 'UNLIMITED';
  return /^\d+$/.test(slurm.time) ? `${slurm.time} min` : slurm.time;
}
