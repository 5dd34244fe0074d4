import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleet as endpointsOf } from '../endpoints/samples.js';
import { goal, median, ms, ratio, table } from './table.js';

const ROUNDS = 40;

/** What a command costs beside an empty Node, in runs that take turns, so that a busy machine slows all alike. */
export async function startup(): Promise<string> {
  const state = await mkdtemp(join(tmpdir(), 'sandboxctl-bench-'));
  try {
    const fleet = join(state, 'fleets/sandbox');
    await mkdir(fleet, { recursive: true });
    await writeFile(join(fleet, 'endpoints.json'), JSON.stringify(endpointsOf([])));
    const commands = {
      'node -e 0': ['-e', '0'],
      'sandboxctl --version': ['bin/sandboxctl.js', '--version'],
      'sandboxctl endpoints': ['bin/sandboxctl.js', 'endpoints'],
      'sandboxctl --help': ['bin/sandboxctl.js', '--help'],
      'sandboxctl config show': ['bin/sandboxctl.js', 'config', 'show'],
    };
    const goals: Record<string, number> = { 'sandboxctl --version': 1.4, 'sandboxctl endpoints': 1.5 };
    const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
    const env = { PATH: process.env.PATH, HOME: state, SANDBOXCTL_STATE_DIR: state };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, args] of Object.entries(commands)) {
        const began = performance.now();
        const { status, stderr } = spawnSync(process.execPath, args, {
          env,
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
        times.get(name)?.push(performance.now() - began);
      }
    }
    const base = times.get('node -e 0') ?? [];
    const rows = [...times].map(([name, all]) => {
      const best = Math.min(...all) / Math.min(...base);
      const most = goals[name];
      return [
        name,
        ms(median(all)),
        ratio(median(all) / median(base)),
        ratio(best),
        most === undefined ? '' : goal(best, most, ratio),
      ];
    });
    return table([
      [`start-up, ${ROUNDS} rounds`, 'median', 'ratio of medians', 'ratio of bests', 'goal (bests)'],
      ...rows,
    ]);
  } finally {
    await rm(state, { recursive: true });
  }
}
