import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SandboxctlError } from '../../errors.js';
import { directRuns } from './http.js';
import type { Method } from './method.js';

export interface EmbeddedOptions {
  name: string;
  /** The words that start sandboxctl. */
  command: readonly string[];
  /** Flags of `serve`. */
  flags: readonly string[];
  isolated: boolean;
  env: NodeJS.ProcessEnv;
  cores: number;
  signal: AbortSignal;
}

/** Lines of the server that an error shows. */
const LAST_LINES = 20;
/** What a server with warm runs says if it has none. */
const COLD = /^programs run cold\b.*/;
const READY = /sandboxctl serve: ready on (\S+)/;

/** The embedded server as a process of its own, on a free port of this machine. Throws kind `tool` if it does not start. */
export async function embeddedMethod(options: EmbeddedOptions): Promise<Method> {
  const [file = '', ...words] = options.command;
  const args = [...words, 'serve', '--listen', '127.0.0.1:0', ...options.flags];
  // A process group of its own: Ctrl-C reaches us alone, and we stop it.
  const child = spawn(file, args, { env: options.env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const onExit = () => child.kill('SIGTERM');
  process.on('exit', onExit);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    process.off('exit', onExit);
  };
  try {
    const { url, about } = await ready(child, options);
    const { run, close } = directRuns(url);
    const { name, isolated, cores } = options;
    return {
      ...{ name, about, isolated, cores, run },
      root: { pid: child.pid ?? 0 },
      close: async () => {
        await close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ready(
  child: ChildProcess,
  { name, flags, signal }: EmbeddedOptions,
): Promise<{ url: string; about: string }> {
  return new Promise((resolve, reject) => {
    const last: string[] = [];
    let [about, cold] = ['', ''];
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    // Read to the end: the server logs every run.
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      about ||= /^isolation ([^;]*)/.exec(line)?.[1] ?? '';
      cold ||= COLD.exec(line)?.[0] ?? '';
      const url = READY.exec(line)?.[1];
      if (url !== undefined) {
        const words = ['sandboxctl serve', `isolation ${about}`, cold].filter((each) => each !== '');
        resolve({ url, about: words.join(', ') });
      }
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
    });
    const failed = (detail: string) =>
      reject(
        new SandboxctlError('tool', {
          what: `the server of method ${name} did not start`,
          detail,
          hint: `'sandboxctl serve ${flags.join(' ')}' shows it alone; --method selects other methods`,
          tail: last,
        }),
      );
    child.once('error', (error) => failed(error.message));
    child.once('close', (code) => failed(last.findLast((line) => line.trim() !== '') ?? `exit code ${code}`));
  });
}
