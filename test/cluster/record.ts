import { readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Node, User } from './types.js';

/** Not below /tmp or /var/tmp: each node has those to itself. */
export const BASE = '/var/lib/sandboxctl-clusters';

/** What `down` needs, written before anything is made. */
export interface ClusterRecord {
  name: string;
  folder: string;
  /** Names the subnet, the links and the ports: clusters on one machine differ in it. */
  slot: number;
  users: [User, User];
  nodes: Node[];
  reachable: boolean;
  namesResolve: boolean;
  /** The cluster whose slurmdbd is asked, this one or another; null without accounting. */
  accounting: { name: string; slot: number } | null;
  loginPath: string[];
  nodePath: string[];
  nodeEnv: Record<string, string>;
  /** The command that lays a client's view over the shared folder; empty where nothing is remembered. */
  sharedView: string[];
}

export const folderOf = (name: string): string => join(BASE, name);
export const recordFile = (name: string): string => join(folderOf(name), 'cluster.json');
/** Names the process that the cluster goes down with; not there where it is tied to none. */
export const ownerFile = (name: string): string => join(folderOf(name), 'owner');
const slotFile = (slot: number): string => join(BASE, `.slot-${slot}`);

export const subnet = (slot: number): string => `10.77.${slot}`;
export const loginAddress = (slot: number): string => `${subnet(slot)}.254`;
export const bridge = (slot: number): string => `sbxc${slot}`;
/** Links of one cluster share a link group, so that one command deletes them all. */
export const linkGroup = (slot: number): number => 77_000 + slot;
/** Ports of their own, since not all can be bound to one address; below the ephemeral ones. */
export const accountingPort = (slot: number): number => 26_000 + slot;
export const controllerPort = (slot: number): number => 26_500 + slot;
export const databasePort = (slot: number): number => 27_000 + slot;

/** Takes the first free slot: a symlink appears together with its content, so no slot is owned twice. */
export async function claimSlot(name: string): Promise<number> {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((list) => list?.map((one) => one.address) ?? []),
  );
  for (let slot = 1; slot <= 250; slot++) {
    const foreign = [...taken].some((address) => address.startsWith(`${subnet(slot)}.`));
    if (foreign || !(await claim(slot, name))) continue;
    // Only now: to look, one listens there for a moment, and another cluster's daemon could not.
    if (await portsAreFree(slot)) return slot;
    await rm(slotFile(slot), { force: true });
  }
  throw new Error('all 250 cluster slots are taken: npm run cluster -- list');
}

async function claim(slot: number, name: string): Promise<boolean> {
  try {
    await symlink(name, slotFile(slot));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether nobody on this machine listens at a port of that slot. */
async function portsAreFree(slot: number): Promise<boolean> {
  for (const port of [accountingPort(slot), controllerPort(slot), databasePort(slot)]) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '0.0.0.0', () => resolve(true));
    });
    if (!free) return false;
    await new Promise((resolve) => server.close(resolve));
  }
  return true;
}

/** The slots that carry this name, whatever the record says: a start may die between the two. */
export async function slotsOf(name: string): Promise<{ slot: number; file: string }[]> {
  const slots: { slot: number; file: string }[] = [];
  for (const entry of await readdir(BASE).catch(() => [])) {
    const slot = Number(/^\.slot-(\d+)$/.exec(entry)?.[1]);
    if (!slot) continue;
    const owner = await readlink(slotFile(slot)).catch(() => '');
    if (owner === name) slots.push({ slot, file: slotFile(slot) });
  }
  return slots;
}

export async function readRecord(name: string): Promise<ClusterRecord> {
  return JSON.parse(await readFile(recordFile(name), 'utf8')) as ClusterRecord;
}

export async function clusterNames(): Promise<string[]> {
  const entries = await readdir(BASE, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
