import { childrenOf, read } from '../../../src/sandbox/process/tree.js';
import { serveCli } from '../../e2e/serve/server.js';
import { table } from '../table.js';
import type { Row } from './rows.js';

/** Runs at once: as many sandboxes wait for each set of modules. */
const SLOTS = 4;
const RUNS = 3 * SLOTS;

/** What one zygote holds, and one sandbox that waits for its program, for each set of preloaded modules. */
export async function warmMemory(all: readonly Row[]): Promise<string> {
  const warm = all.filter(({ ways }) => ways.includes('warm'));
  const rows = [warm[0], warm.find(({ preload }) => preload !== undefined)];
  const cells: string[][] = [];
  for (const row of rows) if (row !== undefined) cells.push(...(await heldWith(row)));
  return table([
    ['MB', 'processes', 'resident', 'their own', 'with their part of what is shared (PSS)'],
    ...cells,
  ]);
}

async function heldWith({ preload, path, code }: Row): Promise<string[][]> {
  const more = preload === undefined ? [] : ['--preload', preload];
  const server = await serveCli(['--warm', 'on', '--max-concurrency', String(SLOTS), ...more], {
    env: { PATH: path },
  });
  try {
    for (let run = 0; run < RUNS; run += 1) await server.run({ language: 'python', code });
    const set = preload ?? 'usual modules';
    const zygotes = below(server.process.pid ?? 0).filter(
      (pid) => pidsOf(pid).at(-1) === 1 && pidsOf(pid).length === 2,
    );
    return zygotes.flatMap((zygote) => {
      const inside = below(zygote).filter((pid) => pidsOf(pid).length > 2);
      // Each has a first process.
      const slots = inside.filter((pid) => pidsOf(pid).at(-1) === 1).length;
      return [cellsOf(`zygote, ${set}`, [zygote], 1), cellsOf('a sandbox of it that waits', inside, slots)];
    });
  } finally {
    await server.stop();
  }
}

function below(pid: number): number[] {
  return childrenOf(pid).flatMap((each) => [each, ...below(each)]);
}

/** Its numbers, from this process's PID namespace to its own. */
function pidsOf(pid: number): number[] {
  return (/^NSpid:\t(.*)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? '').split('\t').map(Number);
}

function cellsOf(name: string, pids: readonly number[], among: number): string[] {
  const texts = pids.map((pid) => read(`/proc/${pid}/smaps_rollup`));
  const megabytes = (...fields: string[]) => {
    const kilobytes = texts.flatMap((text) =>
      fields.map((field) => Number(new RegExp(`^${field}: +(\\d+)`, 'm').exec(text)?.[1] ?? 0)),
    );
    return (kilobytes.reduce((sum, each) => sum + each, 0) / among / 1024).toFixed(1);
  };
  const processes = String(pids.length / among);
  return [name, processes, megabytes('Rss'), megabytes('Private_Clean', 'Private_Dirty'), megabytes('Pss')];
}
