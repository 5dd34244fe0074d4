// Bundles the two command lines that scripts call in loops (src/quick.ts) into one file. Node spends most of their
// time loading ES modules, so the bundle is CommonJS.
import { build } from 'esbuild';

/** Dynamic imports that belong in the bundle. All others are for other command lines. */
const OURS = /(cli\/program-run|files\/version|errors)\.js$/;

await build({
  entryPoints: ['src/quick.ts'],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  // In a folder of dist, since modules look for package.json relative to themselves.
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
