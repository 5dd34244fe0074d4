import { endpoints } from '../commands/endpoints.js';
import { createContext } from './context.js';
import type { Session } from './session.js';

/**
 * `sandboxctl endpoints` and nothing more, as scripts call it in loops: a line of one word needs no parser.
 */
export async function printEndpoints(session: Session): Promise<void> {
  const globals = { fleet: undefined, configFile: undefined, verbose: false };
  await endpoints(createContext(session, globals), {});
}
