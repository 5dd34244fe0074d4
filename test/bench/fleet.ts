import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, startCluster } from '../cluster/cluster.js';
import { run } from '../cluster/image/tools.js';
import { installSandboxctl } from '../cluster/install-cli.js';
import { squashedImage } from '../support/squashed.js';
import { firstAnswers } from './prober.js';
import { stubFolder } from './stub/folder.js';
import { goal, median, ms, table } from './table.js';

const TOOLS = ['sbatch', 'squeue', 'sinfo', 'scontrol', 'sacct', 'scancel'];
const SIZES: readonly (readonly [nodes: number, rounds: number])[] = [
  [1, 5],
  [4, 9],
  [64, 5],
];
/** Milliseconds between the last server's first good answer and its URL on stdout. */
const MOST_MS = 300;

interface Round {
  gap: number;
  /** From the start of `deploy` to the URLs. */
  whole: number;
  calls: string[];
}

/** Deploys of stub servers on a cluster of 64 nodes: how long a ready server stays untold, and what Slurm is asked. */
export async function fleet(): Promise<string> {
  const counters = await countingTools();
  let cluster: Cluster | undefined;
  try {
    const stub = await stubFolder();
    cluster = await startCluster({ nodes: 64, nodePath: [stub], loginPath: [counters.folder, stub] });
    await installSandboxctl(cluster);
    const image = join(cluster.shared, 'sandbox.sqsh');
    await run('cp', [await squashedImage({ tiny: true }), image]);
    const rows: string[][] = [];
    for (const [nodes, rounds] of SIZES) {
      const all: Round[] = [];
      for (let i = 0; i < rounds; i++) all.push(await oneRound(cluster, counters, nodes, image));
      const gaps = all.map((round) => round.gap);
      rows.push([
        `${nodes}`,
        `${rounds}`,
        ms(median(gaps)),
        `${ms(Math.min(...gaps))} to ${ms(Math.max(...gaps))}`,
        nodes === 1 ? '' : goal(median(gaps), MOST_MS, ms),
        ms(median(all.map((round) => round.whole))),
        tally(all.at(-1)?.calls ?? []),
      ]);
    }
    const head = [
      'nodes',
      'rounds',
      'gap (median)',
      'gaps',
      'goal',
      'deploy (median)',
      'Slurm was asked, last round',
    ];
    return table([head, ...rows]);
  } finally {
    await cluster?.down();
    await rm(counters.folder, { recursive: true });
  }
}

async function oneRound(cluster: Cluster, counters: Counters, nodes: number, image: string): Promise<Round> {
  await counters.reset();
  const stop = new AbortController();
  const env = { SANDBOXCTL_SETTLE: '1s' };
  const used = cluster.nodes.slice(0, nodes);
  const words = [
    '--nodes',
    `${nodes}`,
    '--nodelist',
    used.map(({ name }) => name).join(','),
    '--image',
    image,
  ];
  const began = performance.now();
  const answers = firstAnswers(
    used.map(({ address }) => address),
    stop.signal,
  );
  const child = cluster.spawn(['sandboxctl', 'deploy', ...words], { env, input: '' });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const printed = new Promise<number>((resolve) =>
    child.stdout?.once('data', () => resolve(performance.now())),
  );
  const code = await new Promise((resolve) => child.once('close', resolve));
  stop.abort();
  if (code !== 0) throw new Error(`deploy --nodes ${nodes} ended with ${code}:\n${stderr}`);
  const calls = await counters.calls();
  await cluster.run(['sandboxctl', 'stop', '--yes'], { env });
  const told = await printed;
  return { gap: told - Math.max(...(await answers)), whole: told - began, calls };
}

interface Counters {
  folder: string;
  reset(): Promise<void>;
  /** The names of the tools that were called, in order. */
  calls(): Promise<string[]>;
}

/** Slurm's tools for the login side, each of which notes its call before it becomes the real one. */
async function countingTools(): Promise<Counters> {
  const folder = await mkdtemp('/var/lib/sandboxctl-bench-');
  await chmod(folder, 0o755);
  const log = join(folder, 'calls');
  for (const tool of TOOLS) {
    const script = `#!/bin/sh\necho ${tool} >>${log}\nexec /usr/bin/${tool} "$@"\n`;
    await writeFile(join(folder, tool), script, { mode: 0o755 });
  }
  const reset = async () => {
    await writeFile(log, '');
    await chmod(log, 0o666);
  };
  await reset();
  return {
    folder,
    reset,
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

function tally(calls: readonly string[]): string {
  const counts = TOOLS.map((tool) => [tool, calls.filter((call) => call === tool).length] as const);
  const told = counts.filter(([, count]) => count > 0).map(([tool, count]) => `${count} ${tool}`);
  return `${calls.length}: ${told.join(', ')}`;
}
