import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Ended, type ServerProcess, startServer } from '../../support/server-process.js';

const CLI = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));

export interface GatewayCli extends ServerProcess {
  url: string;
}

/** `sandboxctl gateway` as a user runs it, ended with its test. Rejects where it does not begin to serve. */
export async function gatewayCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  // A test that runs beside others has its own.
  finished: (end: () => Promise<void>) => void = onTestFinished,
): Promise<GatewayCli> {
  const gateway = start(args, env);
  finished(async () => {
    await gateway.stop('SIGKILL');
  });
  return { ...gateway, url: await gateway.ready() };
}

/** `sandboxctl gateway` to its end, where it does not begin to serve. */
export function gatewayFails(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return start(args, env).ended;
}

function start(args: readonly string[], env: Readonly<Record<string, string>>): ServerProcess {
  return startServer([process.execPath, CLI, 'gateway', ...args], { env });
}
