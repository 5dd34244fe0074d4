import { printEndpoints } from './cli/print-endpoints.js';
import { main } from './main.js';

/**
 * The two command lines that scripts call in loops: `--version`, and `endpoints` alone into a pipe or a file.
 * The build makes one file of this and all that it imports (build.mjs).
 */
export function quick(argv: readonly string[]): Promise<void> {
  return main(argv, (_argv, session) => printEndpoints(session));
}
