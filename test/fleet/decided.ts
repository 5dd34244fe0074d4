import { type Decision, decide } from '../../src/fleet/decide.js';
import type { InstanceView } from '../../src/fleet/instance.js';
import { believed, factsOf, type Given, jobFact } from './facts.js';

const two = { nodes: 2, hash: 'h' };

export function decided(given: Given, spec = two): Decision {
  return decide(spec, factsOf(given));
}

export const ids = (views: readonly InstanceView[]) => views.map((view) => view.jobId);
export const running = (...jobIds: string[]) => jobIds.map((id) => believed(jobFact(id)));
