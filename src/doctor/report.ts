import type { Facts } from './facts.js';
import { redact } from './redact.js';

export interface ReportParts {
  version: string;
  /** ISO time. */
  time: string;
  /** What the screen shows. */
  screen: string;
  /** `key: value  # origin` of each setting that is not the default. */
  settings: readonly string[];
  facts: Partial<Facts>;
  /** The last events of each fleet, a JSON line each. */
  events: readonly string[];
}

/** Of so many nodes each is shown; more are counted. */
const MOST_NODES = 20;

/** One text for a bug report: all that doctor knows, but no secrets, no values of --env, and no logs of programs. */
export function reportText(parts: ReportParts, secrets: readonly string[]): string {
  const { version, time, screen, settings, facts, events } = parts;
  const sections = [
    `sandboxctl ${version}, ${time}`,
    `# doctor\n${screen.trimEnd()}`,
    `# settings that are not the default\n${settings.join('\n') || 'none'}`,
    `# facts\n${JSON.stringify(shownFacts(facts), plain, 2)}`,
    `# last events\n${events.join('\n') || 'none'}`,
  ];
  return `${redact(sections.join('\n\n'), secrets)}\n`;
}

/** The configuration is shown above, with its origins. */
function shownFacts({ setup, slurm, ...others }: Partial<Facts>): object {
  const { place, stateFolder, program } = setup ?? {};
  return { place, stateFolder, program, ...others, slurm: slurm && shownSlurm(slurm) };
}

function shownSlurm(slurm: Facts['slurm']): object {
  if (slurm.kind !== 'answers') return slurm;
  const { cluster, ...rest } = slurm;
  const { nodes } = cluster;
  const shown = nodes.length <= MOST_NODES ? nodes : `${nodes.length} nodes`;
  return { ...rest, cluster: { ...cluster, nodes: shown } };
}

function plain(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}
