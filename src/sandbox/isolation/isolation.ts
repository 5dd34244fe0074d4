import type { Isolated } from '../types.js';
import { liteIsolation } from './lite/isolation.js';
import { noIsolation } from './none/none.js';
import type { Plan } from './plan.js';

/** Runs programs as the plan says. `offset`: the first of the sandbox users that this process may use. */
export function isolationOf(plan: Plan, offset = 0): Isolated {
  return plan.isolation === 'lite' ? liteIsolation(plan, offset) : noIsolation(plan);
}
