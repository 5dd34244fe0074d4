import type { FailureRule } from '../rule.js';
import { CHECKOUT_RULES } from './checkout.js';
import { CONTAINER_RULES } from './container.js';
import { DOCTOR_FLEET_RULES } from './doctor-fleet.js';
import { DOCTOR_IMAGE_RULES } from './doctor-image.js';
import { DOCTOR_MACHINE_RULES } from './doctor-machine.js';
import { DOCTOR_NODE_RULES } from './doctor-node.js';
import { DOCTOR_SLURM_RULES } from './doctor-slurm.js';
import { EMBEDDED_RULES } from './embedded.js';
import { EXIT_RULES } from './exit.js';
import { GENERAL_RULES } from './general.js';
import { IMPORT_RULES } from './import.js';
import { IMPORT_MACHINE_RULES } from './import-machine.js';
import { IMPORT_REGISTRY_RULES } from './import-registry.js';
import { PENDING_RULES } from './pending.js';
import { REQUEST_RULES } from './request.js';
import { SBATCH_RULES } from './sbatch.js';
import { SCRIPT_RULES } from './script.js';
import { SERVER_RULES } from './server.js';
import { SLURM_RULES } from './slurm.js';

/** All known failures. The first that matches wins: specific rules precede general ones. */
export const FAILURE_RULES: readonly FailureRule[] = [
  ...EMBEDDED_RULES,
  ...CHECKOUT_RULES,
  ...SCRIPT_RULES,
  ...SLURM_RULES,
  ...CONTAINER_RULES,
  ...SERVER_RULES,
  ...GENERAL_RULES,
  ...Object.values(EXIT_RULES),
  ...PENDING_RULES,
  ...SBATCH_RULES,
  ...IMPORT_REGISTRY_RULES,
  ...IMPORT_MACHINE_RULES,
  ...Object.values(IMPORT_RULES),
  ...REQUEST_RULES,
  ...DOCTOR_MACHINE_RULES,
  ...DOCTOR_SLURM_RULES,
  ...DOCTOR_IMAGE_RULES,
  ...DOCTOR_NODE_RULES,
  ...DOCTOR_FLEET_RULES,
];
