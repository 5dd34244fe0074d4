import type { Check } from '../check.js';
import { FLEET_CHECKS } from './fleet.js';
import { IMAGE_CHECKS } from './image.js';
import { MACHINE_CHECKS } from './machine.js';
import { NETWORK_CHECKS } from './network.js';
import { NODE_CHECKS } from './node.js';
import { SLURM_CHECKS } from './slurm.js';

/** All checks, in the order in which they are shown. */
export const CHECKS: readonly Check[] = [
  ...MACHINE_CHECKS,
  ...NETWORK_CHECKS,
  ...SLURM_CHECKS,
  ...IMAGE_CHECKS,
  ...NODE_CHECKS,
  ...FLEET_CHECKS,
];
