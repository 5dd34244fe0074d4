import { type Difference, differences } from './differences.js';
import { upkeepOf } from './replacement.js';
import { effectiveCount, type Spec } from './spec.js';

export interface SpecChange {
  /** With its generation: unchanged if no job changes, else the next. */
  spec: Spec;
  differences: Difference[];
  consequences: string;
}

export function changeFrom(before: Spec, requested: Spec, live: number): SpecChange {
  const { nodesByFile: _, ...others } = requested;
  const { freshFrom = before.freshFrom } = requested;
  const wanted = {
    ...others,
    ...effectiveCount(requested, before),
    ...(freshFrom === undefined ? {} : { freshFrom }),
  };
  const sameJob = before.hash === wanted.hash;
  const sameGateway = before.gateway?.hash === wanted.gateway?.hash;
  // Keys outside the hash, such as the image's path, change without a new generation.
  const sameAge = freshFrom === before.freshFrom;
  const unchanged = sameJob && sameGateway && sameAge && before.nodes === wanted.nodes;
  const generation = unchanged ? before.generation : before.generation + 1;
  return {
    spec: { ...wanted, generation },
    differences: differences(before, wanted),
    consequences: live === 0 ? '' : consequencesOf(before, wanted, live),
  };
}

function howReplaced(spec: Spec): string {
  const { maxUnavailable } = upkeepOf(spec);
  if (maxUnavailable === 0) return 'Each ends once its successor is ready.';
  const servers = maxUnavailable === 1 ? '1 server stops' : `${maxUnavailable} servers stop`;
  return `Up to ${servers} before the successors are ready, since no node may be free for them.`;
}

function consequencesOf(before: Spec, wanted: Spec, live: number): string {
  if (before.hash !== wanted.hash) {
    const jobs = live === 1 ? 'Its job' : `All ${live} of its jobs`;
    return `${jobs} will be replaced. ${howReplaced(wanted)}`;
  }
  if (before.freshFrom !== wanted.freshFrom) {
    const servers = wanted.nodes === 1 ? 'the server' : `all ${wanted.nodes} servers`;
    return `New jobs of the same spec will replace ${servers} of fleet ${wanted.fleet}. ${howReplaced(wanted)}`;
  }
  const lines = [];
  const fewer = before.nodes - wanted.nodes;
  if (fewer > 0) lines.push(`${fewer} of its jobs will be cancelled.`);
  if (before.gateway !== undefined && before.gateway.hash !== wanted.gateway?.hash) {
    lines.push(`Its gateway will be ${wanted.gateway === undefined ? 'cancelled' : 'replaced'}.`);
  }
  return lines.join(' ');
}
