import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { serve as startServer } from '../sandbox/serve.js';
import type { Context } from './context.js';

export interface ServeOptions {
  flags: Readonly<Record<string, unknown>>;
}

/** Runs the embedded server until SIGTERM or SIGINT, then lets the runs under way end. */
export async function serve(context: Context, { flags }: ServeOptions): Promise<void> {
  const { env, io, signal } = context;
  const { config } = await context.config(flags);
  const { host, port } = address(config.listen);
  const { isolation, maxConcurrency } = config;
  if (isolation === 'none') io.stderr.line('warning: isolation none: programs may do all that this user may');
  const serving = await startServer({ host, port, isolation, maxConcurrency, env }).catch((error) => {
    throw listenError(error, config.listen);
  });
  io.stderr.line(
    `sandboxctl serve: ready on ${serving.url}; languages: ${serving.sandbox.languages.join(' ')}`,
  );
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  await serving.close();
}

/** HOST:PORT, with an IPv6 host in brackets. */
function address(listen: string): { host: string; port: number } {
  const [, six, host = six, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new SandboxctlError('config', {
      what: `not an address to listen on: ${listen}`,
      hint: 'listen takes HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080',
    });
  }
  return { host: host || '0.0.0.0', port };
}

function listenError(error: unknown, listen: string): unknown {
  if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(codeOf(error) ?? '')) return error;
  return new SandboxctlError('tool', {
    what: `cannot listen on ${listen}`,
    words: messageOf(error),
    hint: '--listen HOST:PORT names another address',
    cause: error,
  });
}
