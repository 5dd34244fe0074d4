import { join } from 'node:path';
import { type ClusterRecord, folderOf, subnet } from './record.js';
import type { ClusterOptions, User } from './types.js';

/** Far from the uids that Debian and people give out. */
const FIRST_UID = 58_201;
const USERS = ['sbxa', 'sbxb'] as const;
const CPUS = [96, 64, 96, 32];

export function newRecord(
  name: string,
  slot: number,
  options: ClusterOptions,
  sharedView: string[],
  accounting: ClusterRecord['accounting'],
): ClusterRecord {
  const { nodes = 4, cpus = (i: number) => CPUS[(i - 1) % CPUS.length] ?? 32, nodePath = [] } = options;
  if (!(nodes >= 1 && nodes <= 250)) throw new Error(`1 to 250 nodes, not ${nodes}`);
  const folder = folderOf(name);
  const user = (user: string, i: number): User => ({
    name: user,
    uid: FIRST_UID + i,
    gid: FIRST_UID + i,
    home: join(folder, 'shared/home', user),
  });
  return {
    name,
    folder,
    slot,
    users: [user(USERS[0], 0), user(USERS[1], 1)],
    nodes: Array.from({ length: nodes }, (_, at) => ({
      name: `node${at + 1}`,
      address: `${subnet(slot)}.${at + 1}`,
      cpus: cpus(at + 1),
    })),
    reachable: options.reachable ?? true,
    namesResolve: options.namesResolve ?? true,
    accounting,
    nodePath,
    loginPath: options.loginPath ?? nodePath,
    nodeEnv: options.nodeEnv ?? {},
    sharedView,
  };
}
