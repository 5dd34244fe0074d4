import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JobRecord } from '../../../../src/scheduler/local/records.js';
import { cli, type Ended, ended, start } from '../../../cli/run.js';
import { CONDAS, withEmpty } from '../../../support/machine.js';
import { ownPorts } from '../../../support/ports.js';
import type { Endpoint } from '../user.js';

/** A user's terminals on this machine: a home, a state folder, ports that nobody else takes, and sandboxctl. */
export async function newMachine() {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-machine-'));
  const ports = await ownPorts();
  const env = {
    HOME: folder,
    SANDBOXCTL_STATE_DIR: join(folder, 'state'),
    SANDBOXCTL_CLUSTER: 'local',
    SANDBOXCTL_SETTLE: '1s',
    SANDBOXCTL_PORT: String(ports.first),
    SANDBOXCTL_PORT_RANGE: `${ports.first}-${ports.last}`,
  };
  const sandboxctl = (args: readonly string[], more: Record<string, string> = {}): Promise<Ended> =>
    ended(spawned(args, more));
  /** `below`: words of a program that runs it. */
  const spawned = (
    args: readonly string[],
    more: Record<string, string> = {},
    below: readonly string[] = [],
  ) => start([...withEmpty(...CONDAS), ...below, ...cli(...args)], { env: { ...env, ...more }, cwd: folder });
  const recordFile = (id: string) => join(folder, 'state/local', id.split('_')[0] ?? '', `${id}.json`);
  const record = async (id: string) => JSON.parse(await readFile(recordFile(id), 'utf8')) as JobRecord;
  return {
    folder,
    sandboxctl,
    spawned,
    record,
    /** The record as it would stand there under other circumstances. */
    changeRecord: async (id: string, changes: Partial<JobRecord>) =>
      writeFile(recordFile(id), JSON.stringify({ ...(await record(id)), ...changes })),
    /** What `endpoints` prints of a fleet. */
    endpoints: async (fleet: string): Promise<Endpoint[]> => {
      const { stdout } = await sandboxctl(['endpoints', '--fleet', fleet]);
      return (JSON.parse(stdout) as { endpoints: Endpoint[] }).endpoints;
    },
    /** A PATH with all that this one has but for one tool. */
    pathWithout: async (tool: string) => {
      const bin = await mkdtemp(join(folder, 'bin-'));
      const places = [dirname(process.execPath), ...(process.env.PATH ?? '').split(':')];
      for (const place of places) {
        for (const name of await readdir(place).catch(() => [])) {
          if (name !== tool) await symlink(join(place, name), join(bin, name)).catch(() => undefined);
        }
      }
      return bin;
    },
    /** Somebody deletes what a fleet's folder remembers. */
    forget: (fleet: string) => rm(join(folder, 'state/fleets', fleet), { recursive: true }),
    async leave() {
      for (const fleet of await readdir(join(folder, 'state/fleets')).catch(() => [])) {
        await sandboxctl(['stop', '--yes', '--fleet', fleet]);
      }
      await rm(folder, { recursive: true });
      await ports.release();
    },
  };
}

export type Machine = Awaited<ReturnType<typeof newMachine>>;

/** Whether the server behind a URL takes connections. */
export const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/v1/ping`).then(
    () => true,
    () => false,
  );
