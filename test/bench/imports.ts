import { setStage } from '../demo/stage.js';
import { median, ms, ratio, table } from './table.js';

const ROUNDS = 5;
/** As import-image chooses them, so that both do the same work. */
const SAME_WORK = {
  ENROOT_ALLOW_HTTP: 'y',
  ENROOT_TRANSFER_RETRIES: '3',
  ENROOT_CONNECT_TIMEOUT: '10',
  ENROOT_SQUASH_OPTIONS: '-comp zstd -Xcompression-level 3 -b 1M -exit-on-error',
};

/** `import-image` beside `enroot import` of the same image from the same registry, without and with enroot's cache. */
export async function imports(): Promise<string> {
  const stage = await setStage({ nodes: 1 });
  try {
    const { cluster, env } = stage;
    const source = `docker://${env.SANDBOXCTL_REGISTRY_MIRROR?.replace('http://', '')}#varad0309/code_sandbox:server`;
    const time = async (argv: string[]): Promise<number> => {
      const began = performance.now();
      const { code, stderr } = await cluster.run(argv, { env: { ...env, ...SAME_WORK } });
      if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}:\n${stderr}`);
      return performance.now() - began;
    };
    const clean = () => cluster.run(['sh', '-c', 'rm -rf .cache .local/state direct.sqsh']);
    const times = {
      direct: [] as number[],
      ours: [] as number[],
      again: [] as number[],
      forced: [] as number[],
      cachedDirect: [] as number[],
    };
    for (let round = 0; round < ROUNDS; round++) {
      await clean();
      times.direct.push(await time(['enroot', 'import', '-o', 'direct.sqsh', source]));
      await cluster.run(['rm', 'direct.sqsh']);
      times.cachedDirect.push(await time(['enroot', 'import', '-o', 'direct.sqsh', source]));
      await clean();
      times.ours.push(await time(['sandboxctl', 'import-image']));
      times.again.push(await time(['sandboxctl', 'import-image']));
      times.forced.push(await time(['sandboxctl', 'import-image', '--force']));
    }
    const row = (name: string, all: number[], base: number[]): string[] => [
      name,
      ms(median(all)),
      ratio(median(all) / median(base)),
    ];
    return table([
      [`import, ${ROUNDS} rounds`, 'median', "beside enroot's own"],
      row('enroot (stand-in), no layer cached', times.direct, times.direct),
      row('import-image, no layer cached', times.ours, times.direct),
      row('enroot (stand-in), all layers cached', times.cachedDirect, times.cachedDirect),
      row('import-image --force, all layers cached', times.forced, times.cachedDirect),
      row('import-image, digest unchanged', times.again, times.cachedDirect),
    ]);
  } finally {
    await stage.down();
  }
}
