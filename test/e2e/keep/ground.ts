import { readFile } from 'node:fs/promises';
import type { KeeperRecord } from '../../../src/state/keeper.js';
import { SHARED, type Site } from '../deploy/site.js';

/** Two answers 2 s apart settle what is gone; a server that is replaced has time for its runs. */
export const CHAOS_CLOCKS = { SANDBOXCTL_SETTLE: '2s', SANDBOXCTL_DRAIN: '30s' };
/** Both kinds of health checks have failed for so long that a server is replaced. Seconds. */
export const WEDGED_AFTER_S = 15;

export interface Server {
  instance: number;
  job_id: string;
  node: string;
  port: number;
  url: string;
}

export interface LiveJob {
  id: string;
  /** Slurm's word. */
  state: string;
}

/** A job that completes serves nobody, and needs no place. */
const NOT_ENDED = 'PENDING,CONFIGURING,RUNNING,SUSPENDED,STOPPED';

export type Ground = ReturnType<typeof groundOf>;

/** A kept fleet on a real Slurm, and the ways to do something to it and to look at it. */
export function groundOf(site: Site, fleet: string, random: (below: number) => number) {
  const { lab } = site;
  const wanted = { nodes: 3, spec: 0 };
  const root = { user: 'root' } as const;
  const sandboxctl = (argv: readonly string[]) => lab.sandboxctl(argv, { env: CHAOS_CLOCKS });

  async function well(...argv: string[]): Promise<string> {
    const ended = await sandboxctl([...argv, '--fleet', fleet]);
    if (ended.code !== 0) throw new Error(`${argv.join(' ')} ended with ${ended.code}:\n${ended.stderr}`);
    return ended.stdout;
  }

  async function ready(): Promise<Server[]> {
    return (JSON.parse(await well('endpoints', '--direct')) as { endpoints: Server[] }).endpoints;
  }

  async function live(): Promise<LiveJob[]> {
    const argv = ['-h', '-r', '-o', '%i %T', '-t', NOT_ENDED, `--name=sandboxctl-${fleet}`];
    const { stdout } = await lab.run(['/usr/bin/squeue', ...argv]);
    const lines = stdout.trim().split('\n').filter(Boolean).sort();
    return lines.map((line) => line.split(' ')).map(([id = '', state = '']) => ({ id, state }));
  }

  async function keeper(): Promise<KeeperRecord | undefined> {
    const text = await readFile(lab.state(`fleets/${fleet}/keeper.json`), 'utf8').catch(() => '');
    return text === '' ? undefined : (JSON.parse(text) as KeeperRecord);
  }

  async function signalKeeper(signal: 'KILL' | 'STOP' | 'CONT', pid?: number): Promise<number | undefined> {
    const victim = pid ?? (await keeper())?.pid;
    if (victim !== undefined) await lab.run(['kill', `-${signal}`, String(victim)]);
    return victim;
  }

  return {
    ...{ site, lab, fleet, random, wanted, well, ready, keeper, signalKeeper },
    /** Jobs that have not ended, by Slurm's own word. */
    live,
    /** Whether it runs a program now, whatever anybody has written of it. */
    async serves({ url }: Server): Promise<boolean> {
      const program = JSON.stringify({ code: 'print(6 * 7)', language: 'python' });
      const json = 'content-type: application/json';
      const argv = ['curl', '-s', '-m', '10', '-H', json, '-d', program, `${url}/run_code`];
      return (await lab.run(argv)).stdout.includes('"stdout":"42\\n"');
    },
    /** Milliseconds. */
    pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    async anyServer(): Promise<Server> {
      const servers = await ready();
      const chosen = servers[random(servers.length)];
      if (chosen === undefined) throw new Error('no server is ready');
      return chosen;
    },
    scancel: (jobId: string) => lab.run(['scancel', jobId]),
    scontrol: async (...argv: string[]) => {
      const ended = await lab.run(['scontrol', ...argv], root);
      if (ended.code !== 0) throw new Error(`scontrol ${argv.join(' ')}: ${ended.stderr}`);
    },
    /** One that Slurm did not take out of service meanwhile needs it not. */
    resumeNode: (node: string) => lab.run(['scontrol', 'update', `nodename=${node}`, 'state=resume'], root),
    /** Sends a signal to the server itself, not to what its job's script does beside it. */
    signalServer: (signal: 'KILL' | 'STOP', { node, port }: Server) =>
      lab.onNode(node, ['sh', '-c', `kill -${signal} $(pgrep -f '[s]erve --listen 0.0.0.0:${port}')`], root),
    deploy: (...argv: string[]) =>
      well(
        ...['deploy', '--nodes', String(wanted.nodes), '--runtime', 'embedded', '--yes', ...SHARED],
        ...['--wedged-after', `${WEDGED_AFTER_S}s`, '--env', `SPEC=${wanted.spec}`, ...argv],
      ),
    async keepAgain(): Promise<void> {
      const { code, stderr } = await sandboxctl(['keep', '--on', 'here', '--detach', '--fleet', fleet]);
      // Another one that this run started may still be there.
      if (code !== 0 && code !== 8) throw new Error(stderr);
    },
    async secondKeeper(): Promise<number | null> {
      return (await sandboxctl(['keep', '--on', 'here', '--fleet', fleet])).code;
    },
  };
}
