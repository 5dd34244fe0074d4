import { endpoints } from '../commands/endpoints.js';
import { createContext } from './context.js';
import type { ProgramRun } from './program-run.js';

/** `sandboxctl endpoints` without flags, which scripts call in loops: one word needs no parser. */
export async function printEndpoints(programRun: ProgramRun): Promise<void> {
  const globals = { fleet: undefined, configFile: undefined, verbose: false };
  await endpoints(createContext(programRun, globals), {});
}
