import { NONCE_VARIABLE } from '../api/canary.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import type { RunRecord } from '../sandbox/metrics.js';
import { serve as startServer } from '../sandbox/serve.js';
import type { Context } from './context.js';
import { readToken } from './token.js';

export interface ServeOptions {
  flags: Readonly<Record<string, unknown>>;
}

/** Runs the embedded server until SIGTERM or SIGINT, then lets the programs under way end. */
export async function serve(context: Context, { flags }: ServeOptions): Promise<void> {
  const { env, io, signal } = context;
  const { config } = await context.config(flags);
  const { host, port } = address(config.listen);
  const token = await readToken(config.tokenFile, env);
  const own = [context.stateFolder, config.tokenFile, context.globals.configFile].filter(
    (path) => path != null,
  );
  const log = (record: RunRecord) =>
    io.stderr.line(JSON.stringify({ time: new Date().toISOString(), ...record, ...inMilliseconds(record) }));
  const serving = await startServer({ ...config, host, port, token, own, env, log }).catch((error) => {
    throw listenError(error, config.listen);
  });
  if (env[NONCE_VARIABLE] !== undefined && !serving.sandbox.languages.includes('python')) {
    await serving.close(0);
    throw noPython(env);
  }
  if (config.isolation === 'none') {
    io.stderr.line('warning: isolation none: every program may do all that this user may');
  }
  if (token === null && !isLoopback(host)) {
    io.stderr.line(
      `warning: whoever reaches ${serving.url} may run programs here: --token-file asks for a token`,
    );
  }
  const { plan, sandbox } = serving;
  const by = plan.isolation === 'lite' ? `lite by ${plan.by}` : 'none';
  io.stderr.line(
    `isolation ${by}; ${sandbox.queue.slots} programs at once; languages: ${sandbox.languages.join(' ')}`,
  );
  io.stderr.line(`sandboxctl serve: ready on ${serving.url}`);
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  await serving.close(config.grace);
  // A server is stopped by a signal: that is its good end.
  context.endWith(0);
}

/** Still seconds, but no more digits than a reader of the log wants. */
function inMilliseconds({ waited, took }: RunRecord): Pick<RunRecord, 'waited' | 'took'> {
  const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
  return { waited: rounded(waited), took: rounded(took) };
}

/** A server that a fleet started could never be proven healthy. */
function noPython(env: NodeJS.ProcessEnv): SandboxctlError {
  return new SandboxctlError('tool', {
    what: 'there is no Python here, and the canary that a fleet judges its servers by is a Python program',
    words: `PATH=${env.PATH ?? ''}`,
    hint: 'install python3',
  });
}

/** HOST:PORT, with an IPv6 host in brackets; without a host all addresses are meant. */
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

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function listenError(error: unknown, listen: string): unknown {
  if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(codeOf(error) ?? '')) return error;
  if (!['listen', 'getaddrinfo'].includes((error as NodeJS.ErrnoException).syscall ?? '')) return error;
  return new SandboxctlError('tool', {
    what: `cannot listen on ${listen}`,
    words: messageOf(error),
    hint: '--listen HOST:PORT names another address',
    cause: error,
  });
}
