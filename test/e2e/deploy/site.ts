import { stubFolder } from '../../bench/stub/folder.js';
import { follow } from '../../support/follow.js';
import { type Lab, startLab } from '../../support/lab.js';
import { type Wrappers, wrapTools } from './wrappers.js';

/** A lab whose Slurm tools can be made to fail, and short ways to ask what is there. */
export interface Site {
  lab: Lab;
  tools: Wrappers;
  /** Starts `deploy --nodes N` of a fleet and returns while it runs. */
  deploying(fleet: string, argv?: readonly string[]): Running;
  /** Ids of a fleet's jobs that pend or run, or of all that squeue remembers. */
  jobs(fleet: string, which?: 'live' | 'all'): Promise<string[]>;
  down(): Promise<void>;
}

type LabOptions = NonNullable<Parameters<typeof startLab>[0]>;

/** A command that runs. */
export interface Running {
  /** Waits until stderr has a text; fails when the command ends without. */
  says(text: string | RegExp): Promise<unknown>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Servers so small that many fleets share the nodes. */
export const SHARED = [
  '--no-exclusive',
  '--cpus-per-task',
  '2',
  '--mem',
  '100M',
  '--port-range',
  '8080-8180',
];

/** Servers that answer canaries at once and cost next to nothing, for what is not about servers. */
export async function stubServers(): Promise<LabOptions> {
  return { loginPath: [await stubFolder()], image: { tiny: true } };
}

export async function startSite(options: LabOptions = {}): Promise<Site> {
  const tools = await wrapTools();
  const loginPath = [tools.folder, ...(options.loginPath ?? [])];
  const lab = await startLab({ nodes: 2, ...options, loginPath }).catch(async (error) => {
    await tools.remove();
    throw error;
  });
  return {
    lab,
    tools,
    deploying: (fleet, argv = ['--nodes', '2', ...SHARED]) =>
      running(lab, ['sandboxctl', 'deploy', '--image', lab.image, '--fleet', fleet, ...argv]),
    async jobs(fleet, which = 'live') {
      const states = which === 'live' ? 'PENDING,CONFIGURING,RUNNING' : 'all';
      const argv = ['-h', '-r', '-o', '%i', '-t', states, `--name=sandboxctl-${fleet}`];
      const told = await lab.run(['/usr/bin/squeue', ...argv]);
      return told.stdout.trim().split('\n').filter(Boolean).sort();
    },
    async down() {
      await lab.down();
      await tools.remove();
    },
  };
}

/** Slurm's answers lie 2 s apart, not 10, before a job counts as gone; and no server is given time to drain. */
export const SETTLE = { SANDBOXCTL_SETTLE: '2s', SANDBOXCTL_DRAIN: '0' };

function running(lab: Lab, argv: readonly string[]): Running {
  const child = lab.spawn(argv, { env: SETTLE, input: '' });
  const { ended, line } = follow(child);
  return { ended, says: line };
}
