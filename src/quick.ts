import { printEndpoints } from './cli/print-endpoints.js';
import { main } from './main.js';

/** `--version` and plain `endpoints`, which scripts call in loops: build.mjs bundles this and its imports. */
export function quick(argv: readonly string[]): Promise<void> {
  return main(argv, (_argv, programRun) => printEndpoints(programRun));
}
