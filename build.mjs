// What tsc leaves to do: Node spends most of a start on finding and loading modules, so packages of a hundred files
// become one file each (docs/decisions/0011-bundled-packages.md).
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';

const common = { bundle: true, platform: 'node', target: 'node20.19', logLevel: 'warning' };

await bundlePackages();
await bundleQuick();

/** Each file of src/vendor with its package, in place of what tsc wrote there, and the packages' licences. */
async function bundlePackages() {
  const { metafile } = await build({
    ...common,
    entryPoints: (await readdir('src/vendor')).map((name) => `src/vendor/${name}`),
    outdir: 'dist/vendor',
    format: 'esm',
    // For the packages that are CommonJS.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    metafile: true,
  });
  const folders = Object.keys(metafile.inputs).flatMap(
    (path) => /^(.*node_modules\/(@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  const texts = await Promise.all([...new Set(folders)].sort().map(licenceOf));
  await writeFile('dist/vendor/LICENSES.txt', texts.join('\n\n'));
}

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence file`);
  return `${name} ${version} (${license})\n\n${await readFile(`${folder}/${file}`, 'utf8')}`;
}

/**
 * The two command lines that scripts call in loops (src/quick.ts) in one file, as CommonJS, which loads faster still.
 */
async function bundleQuick() {
  /** Dynamic imports that belong in the bundle, which has its own class of errors. All others are for other command lines. */
  const ours = /(cli\/program-run|files\/version|errors|absent-fleet|config\/suggest)\.js$/;
  await build({
    ...common,
    entryPoints: ['src/quick.ts'],
    format: 'cjs',
    // In a folder of dist, since modules look for package.json relative to themselves.
    outfile: 'dist/cli/quick.cjs',
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [
      {
        name: 'late-modules-stay-outside',
        setup({ onResolve }) {
          onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
            if (kind !== 'dynamic-import' || ours.test(path)) return undefined;
            // Relative to the bundle, and no longer to the module that imports it.
            return { path: `./${relative('src/cli', resolve(resolveDir, path))}`, external: true };
          });
        },
      },
    ],
  });
}
