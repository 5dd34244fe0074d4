import { childrenOf, read } from '../../../src/sandbox/process/tree.js';
import { PLAIN_PATH } from './programs/plain.js';
import { type ServedCli, serveCli } from './server.js';

/** Runs at once that one launcher does. */
export const ONE_LAUNCHER = 6;
/** Prints 0 in a fork of an interpreter, whose parent is outside of the program's PID namespace; 1 in a sandbox of its own. */
export const PARENT = 'import os; print(os.getppid())';
const PACKAGES = '/usr/local/lib/python3.11/dist-packages';

export function serveWarm(
  concurrency: number,
  before: readonly string[] = [],
  more: readonly string[] = [],
): Promise<ServedCli> {
  const args = ['--warm', 'on', '--max-concurrency', String(concurrency), ...more];
  return serveCli(args, { env: { PATH: PLAIN_PATH }, before });
}

/** With modules of these names and texts, each of which it preloads; null: there is none of that name. */
export function serveModules(
  modules: Readonly<Record<string, string | null>>,
  before: readonly string[] = [],
): Promise<ServedCli> {
  const files = Object.entries(modules).flatMap(([name, code]) =>
    code === null ? [] : [`printf %s '${code}' >${PACKAGES}/${name}.py`],
  );
  const own = [`mount -t tmpfs -o mode=755 own ${PACKAGES}`, ...files, 'exec "$@"'].join('\n');
  return serveWarm(
    1,
    [...before, 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', own, 'sh'],
    ['--preload', Object.keys(modules).join(',')],
  );
}

/** All processes that it has started, directly or not. */
export function below(pid: number): number[] {
  return childrenOf(pid).flatMap((each) => [each, ...below(each)]);
}

function numbered(server: ServedCli, levels: RegExp): number[] {
  return below(server.process.pid ?? 0).filter((pid) => levels.test(read(`/proc/${pid}/status`)));
}

/** Each is the first process of a PID namespace. */
export function zygotesOf(server: ServedCli): number[] {
  return numbered(server, /^NSpid:\t\d+\t1$/m);
}

export function zygoteOf(server: ServedCli): number {
  const [zygote] = zygotesOf(server);
  // 0 would be this test's own process group.
  if (zygote === undefined) throw new Error('there is no zygote');
  return zygote;
}

export function makerOf(server: ServedCli): number {
  const children = childrenOf(zygoteOf(server));
  const maker = children.find((pid) => /^NSpid:\t\d+\t\d+$/m.test(read(`/proc/${pid}/status`)));
  if (maker === undefined) throw new Error('there is no maker');
  return maker;
}

export async function parentIn(server: ServedCli): Promise<string | null | undefined> {
  return (await server.run({ language: 'python', code: PARENT })).run_result?.stdout;
}
