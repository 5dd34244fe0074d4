import type { Config } from '../../config/settings.js';
import { sizeOf } from '../../fleet/partitions.js';
import type { Context } from '../context.js';
import { CLIENTS, headFor, howMany, type StarterFile } from './file.js';

/** As the setting's own limit; servers of one machine share it, so nothing here says how many are too many. */
const MOST = 10_000;

/** For a machine without Slurm, or whose own servers are meant. */
export async function localFile(context: Context, config: Config): Promise<StarterFile> {
  const { nodes } = await (await context.scheduler('local')).facts();
  const [machine = { name: 'this machine', cpus: 0, memory: 0, gpus: 0 }] = nodes;
  const slurm = (await context.clusters()).includes('slurm');
  return {
    head: headFor(context, machine.name, 'this machine'),
    entries: [
      {
        key: 'cluster',
        value: 'local',
        about: [
          slurm
            ? 'The servers run on this machine, without its Slurm: as --cluster says.'
            : 'There is no Slurm here (no squeue on PATH), so the servers run on this machine.',
        ],
        on: true,
      },
      {
        key: 'nodes',
        value: await howMany(context, config, 'How many servers on this machine?', MOST),
        about: [`How many servers. They share this machine's ${sizeOf(machine)}.`],
        on: true,
      },
      {
        key: 'isolation',
        value: 'lite',
        about: [
          'Programs are kept from each other and from this machine (docs/security.md); none lets them do all that you may.',
        ],
        on: false,
      },
      {
        key: 'port',
        value: config.port,
        about: ['The port of the first server; each further one has the next.'],
        on: false,
      },
      CLIENTS,
    ],
    next: ['sandboxctl deploy'],
  };
}
