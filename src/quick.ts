import { printEndpoints } from './cli/print-endpoints.js';
import { main } from './main.js';

/**
 * The two command lines that scripts call in loops: `--version`, and `endpoints` without flags into a pipe or a
 * file. The build bundles this and its imports into one file (build.mjs).
 */
export function quick(argv: readonly string[]): Promise<void> {
  return main(argv, (_argv, programRun) => printEndpoints(programRun));
}
