import { SandboxctlError } from '../errors.js';
import type { Context } from './context.js';
import { changeRecordedFleet } from './recorded-fleet.js';

export interface ScaleOptions {
  flags: Readonly<Record<string, unknown>>;
  nodes: string;
}

const MOST = 10_000;

/** Changes the number of a fleet's servers, and nothing else of its spec. */
export async function scale(context: Context, options: ScaleOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  const nodes = parseCount(options.nodes);
  await changeRecordedFleet(context, {
    purpose: 'scale',
    config: { ...config, minReady: null },
    change: ({ nodesByFile: _, ...before }) => ({ ...before, nodes }),
  });
}

function parseCount(text: string): number {
  const nodes = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (nodes >= 1 && nodes <= MOST) return nodes;
  throw new SandboxctlError('usage', {
    what: `the number of servers must be between 1 and ${MOST} (got ${text})`,
    hint: "'sandboxctl stop' ends all of them",
  });
}
