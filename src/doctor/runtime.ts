import type { RuntimeName } from '../fleet/spec.js';
import type { Setup, SlurmFacts } from './facts.js';

/** The runtime of a deploy; null where only a look at a node can tell. */
export function runtimeOf({ config, place }: Setup, slurm: SlurmFacts): RuntimeName | null {
  if (config.runtime !== 'auto') return config.runtime;
  if (config.checkout !== null) return 'checkout';
  if (place === 'local') return 'embedded';
  return slurm.kind === 'answers' && slurm.pyxis ? 'pyxis' : null;
}

/** Whether servers come from an image, as far as it is known. */
export function needsImage(runtime: RuntimeName | null): boolean {
  return runtime === 'pyxis' || runtime === 'enroot';
}
