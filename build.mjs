// Beside what tsc made of the sources: the two command lines that scripts call in loops, as one file each
// run loads. Of their time Node spends the most on loading ES modules at all, so it is CommonJS.
import { build } from 'esbuild';

/** Loaded late, and yet a part of it; all else that is loaded late belongs to other command lines. */
const OURS = /(cli\/session|cli\/version|errors)\.js$/;

await build({
  entryPoints: ['src/quick.ts'],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  // In a folder of dist, as every module that looks for package.json from where it lies.
  outfile: 'dist/cli/quick.cjs',
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
  plugins: [
    {
      name: 'late-modules-stay-outside',
      setup({ onResolve }) {
        onResolve({ filter: /^\./ }, ({ kind, path }) =>
          kind === 'dynamic-import' && !OURS.test(path) ? { path, external: true } : undefined,
        );
      },
    },
  ],
});
