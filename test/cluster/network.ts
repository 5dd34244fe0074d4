import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, must } from './execute.js';
import { bridge, type ClusterRecord, linkGroup, loginAddress } from './record.js';
import { lines } from './slurm-conf.js';
import type { Node } from './types.js';

/** Where the servers of fleets listen. */
const SERVER_PORTS = '8080-8180';

export async function makeBridge({ slot }: ClusterRecord): Promise<void> {
  await ip(
    `link add ${bridge(slot)} group ${linkGroup(slot)} type bridge`,
    `addr add ${loginAddress(slot)}/24 dev ${bridge(slot)}`,
    `link set ${bridge(slot)} up`,
  );
}

/** What a node runs inside its own namespace, once its end of the cable is there. */
export async function writeNodeNetwork(record: ClusterRecord, node: Node): Promise<void> {
  const login = loginAddress(record.slot);
  await writeFile(
    join(record.folder, 'nodes', node.name, 'network'),
    lines(
      'link set lo up',
      `addr add ${node.address}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${login}`,
      ...(record.reachable ? [] : [`rule add ${drop(login, SERVER_PORTS)}`]),
    ),
  );
}

/** One cable a node, the far end put straight into the namespace of that pid. */
export async function plug(record: ClusterRecord, cables: { node: Node; pid: number }[]): Promise<void> {
  const { slot } = record;
  await ip(
    ...cables.flatMap(({ node, pid }) => {
      const near = `${bridge(slot)}${node.name}`;
      return [
        `link add ${near} group ${linkGroup(slot)} type veth peer name eth0 netns ${pid}`,
        `link set ${near} master ${bridge(slot)} up`,
      ];
    }),
  );
}

/**
 * The arguments of `ip rule` that drop what these ports answer to that address. A policy rule needs no
 * netfilter in the kernel, and a client sees the same: connecting hangs until it gives up.
 */
export const drop = (to: string, ports = SERVER_PORTS): string =>
  `to ${to} ipproto tcp sport ${ports} blackhole pref 100`;

/** The kernel takes its time with the cables of a dead namespace; a new one must not find the old. */
export async function unplug({ slot }: ClusterRecord, node: string): Promise<void> {
  await execute(['ip', 'link', 'del', `${bridge(slot)}${node}`]);
}

export async function removeLinks(slot: number): Promise<void> {
  await execute(['ip', 'link', 'del', 'group', `${linkGroup(slot)}`]);
}

async function ip(...commands: string[]): Promise<void> {
  await must(['ip', '-batch', '-'], { input: lines(...commands) });
}
