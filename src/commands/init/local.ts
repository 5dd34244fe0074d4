import type { Config } from '../../config/settings.js';
import { sizeOf } from '../../fleet/partitions.js';
import type { Context } from '../context.js';
import { askNodes, CLIENTS, headFor, type StarterFile } from './file.js';

const MOST = 10_000;

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
            ? 'The servers run on this machine, without Slurm, as --cluster local requests.'
            : 'There is no Slurm here (no squeue on PATH), so the servers run on this machine.',
        ],
        on: true,
      },
      {
        key: 'nodes',
        value: await askNodes(context, config, 'How many servers on this machine?', MOST),
        about: [`How many servers. They share this machine's ${sizeOf(machine)}.`],
        on: true,
      },
      {
        key: 'isolation',
        value: 'lite',
        about: [
          'lite separates programs from each other and from this machine (docs/security.md); with none they can do everything that you can.',
        ],
        on: false,
      },
      {
        key: 'port',
        value: config.port,
        about: ['The port of the first server; each further server gets the next.'],
        on: false,
      },
      CLIENTS,
    ],
    next: ['sandboxctl deploy'],
  };
}
