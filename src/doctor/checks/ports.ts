import type { Config } from '../../config/settings.js';
import type { MachineFacts } from '../machine-facts.js';

/** The ports that a server may listen on. */
export function portsOf({ port, portRange: { first, last } }: Pick<Config, 'port' | 'portRange'>): number[] {
  return [...new Set([port, ...Array.from({ length: last - first + 1 }, (_, index) => first + index)])];
}

export function freePorts(config: Pick<Config, 'port' | 'portRange'>, { portsTaken }: MachineFacts) {
  const all = portsOf(config);
  const { first, last } = config.portRange;
  const free = all.filter((port) => !portsTaken.includes(port)).length;
  return { free, all: all.length, ports: `${config.port}, ${first}-${last}` };
}
