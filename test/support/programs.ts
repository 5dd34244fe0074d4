import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let underWay = 0;

/**
 * The path of a test's program, written in TypeScript, as one file of JavaScript that imports `dist` where the source
 * imports `src`. To start it by tsx takes four times as much CPU time. The folder goes with the test run.
 */
export async function builtProgram(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'program-'));
  const outfile = join(folder, basename(source).replace(/\.ts$/, '.mjs'));
  underWay += 1;
  await build({
    ...{ entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' },
    plugins: [
      {
        name: 'dist-for-src',
        setup({ onResolve }) {
          onResolve({ filter: /^\..*\/src\// }, ({ path }) => ({
            path: path.replace(/^.*\/src\//, join(ROOT, 'dist/')),
            external: true,
          }));
        },
      },
    ],
  }).finally(async () => {
    underWay -= 1;
    // Its service would outlive the worker for a moment, and count as left by the tests.
    if (underWay === 0) await stop();
  });
  return outfile;
}
