import { SandboxctlError } from '../errors.js';
import { exhaustionWarning } from '../node/descriptors.js';
import type { RunRecord } from '../sandbox/http/metrics.js';
import { serve as startServer } from '../sandbox/serve.js';
import type { Context } from './context.js';
import { readJobSecret } from './job-secret.js';
import { acceptedHosts, isLoopback, listenAddress, listenError } from './listen.js';
import { readToken } from './token.js';

export interface ServeOptions {
  flags: Readonly<Record<string, unknown>>;
}

/** Set by a job whose fleet has its isolation by default, not by the user's choice. */
const DEFAULT_ISOLATION = 'SANDBOXCTL_JOB_DEFAULT_ISOLATION';

export async function serve(context: Context, { flags }: ServeOptions): Promise<void> {
  const { env, io, signal } = context;
  const { config, origins } = await context.config(flags);
  const isolationAsked = origins.isolation !== 'default' && env[DEFAULT_ISOLATION] === undefined;
  const { host, port } = listenAddress(config.listen);
  const token = await readToken(config.tokenFile, env);
  const job = await readJobSecret(context);
  const hosts = acceptedHosts(host, token, config, env);
  const own = [context.stateFolder, config.tokenFile, context.globals.configFile].filter(
    (path) => path != null,
  );
  const log = (record: RunRecord) =>
    io.stderr.line(JSON.stringify({ time: new Date().toISOString(), ...record, ...inMilliseconds(record) }));
  const serving = await startServer({
    ...config,
    ...job,
    isolationAsked,
    host,
    port,
    token,
    hosts,
    own,
    env,
    log,
    onFull: exhaustionWarning(
      'this server',
      () => performance.now(),
      (line) => io.stderr.line(line),
    ),
    warn: (words) => io.stderr.line(`warning: ${words}`),
  }).catch((error) => {
    throw listenError(error, config.listen);
  });
  const inFleet = (job.secret ?? job.nonce) !== null;
  if (inFleet && !serving.sandbox.languages.includes('python')) {
    await serving.close(0);
    throw noPython(env);
  }
  if (config.isolation === 'none') {
    io.stderr.line('warning: isolation none: every program may do all that this user may');
  }
  if (config.isolation === 'lite' && config.network) {
    io.stderr.line(
      "warning: --network lets programs reach every service on this machine's loopback and abstract sockets, also your own and sandbox servers without isolation. See: docs/security.md",
    );
  }
  // Of a fleet, deploy has warned, which has no flag for a token.
  if (token === null && !isLoopback(host) && !inFleet) {
    io.stderr.line(
      `warning: anyone who can reach ${serving.url} can run programs here: --token-file requires a token`,
    );
  }
  const { plan, sandbox } = serving;
  if (plan.isolation === 'lite' && !plan.filtered) {
    io.stderr.line(
      'warning: no seccomp filter can be had here, so programs may call all that the kernel has. See: docs/security.md',
    );
  }
  const by = plan.isolation === 'lite' ? `lite by ${plan.by}` : 'none';
  const megabytes = Math.floor(sandbox.memory / 2 ** 20);
  const held = plan.cgroup === undefined ? 'looking' : `cgroup v${plan.cgroup.version}`;
  io.stderr.line(
    `isolation ${by}; memory held by ${held}; ${sandbox.queue.slots} programs at once, of ${megabytes} MB each; languages: ${sandbox.languages.join(' ')}`,
  );
  if (config.warm === 'on' && plan.isolation === 'lite' && sandbox.languages.includes('python')) {
    const { python, reason } = sandbox.capacity.warm ?? {};
    io.stderr.line(python === true ? 'programs run warm' : `programs run cold: ${reason}`);
  }
  if (plan.cgroup === undefined) {
    io.stderr.line(
      'no cgroup for programs: not all memory that the kernel holds for one is seen (docs/security.md, "Memory")',
    );
  }
  for (const note of serving.notes) io.stderr.line(note);
  io.stderr.line(`sandboxctl serve: ready on ${serving.url}`);
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  await serving.close(config.grace);
  context.endWith(0);
}

function inMilliseconds({ waited, took }: RunRecord): Pick<RunRecord, 'waited' | 'took'> {
  const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
  return { waited: rounded(waited), took: rounded(took) };
}

/** A fleet's server would never pass its health check. */
function noPython(env: NodeJS.ProcessEnv): SandboxctlError {
  return new SandboxctlError('tool', {
    what: 'there is no Python here, and the canary that a fleet judges its servers by is a Python program',
    detail: `PATH=${env.PATH ?? ''}`,
    hint: 'install python3',
  });
}
