import type { Sign } from '../rule.js';
import { CHECKOUT_SIGNS } from './checkout.js';
import { CONTAINER_SIGNS } from './container.js';
import { EMBEDDED_SIGNS } from './embedded.js';
import { GENERAL_SIGNS } from './general.js';
import { SERVER_SIGNS } from './server.js';
import { SLURM_SIGNS } from './slurm.js';

/** The first that some line matches is the cause: the particular stands before the general. */
export const SIGNS: readonly Sign[] = [
  ...EMBEDDED_SIGNS,
  ...CHECKOUT_SIGNS,
  ...SLURM_SIGNS,
  ...CONTAINER_SIGNS,
  ...SERVER_SIGNS,
  ...GENERAL_SIGNS,
];
