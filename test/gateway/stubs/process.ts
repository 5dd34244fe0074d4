import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../../support/programs.js';
import type { Word } from './program.js';
import type { Counts, Upstream, UpstreamOptions } from './upstream.js';

const PROGRAM = await builtProgram(fileURLToPath(new URL('program.ts', import.meta.url)));

export interface UpstreamProcess extends Upstream {
  pid: number;
  /** SIGKILL, SIGSTOP, SIGCONT. A process that stands still answers neither `counts` nor `behave`. */
  kill(signal: NodeJS.Signals): void;
}

/** A stub that can be killed and stopped: a process of its own. */
export async function forkUpstream(options: UpstreamOptions = {}): Promise<UpstreamProcess> {
  const child = fork(PROGRAM, [JSON.stringify(options)], { execArgv: [] });
  const { url } = (await heard(child)) as { url: string };
  const ask = async (word: Word) => {
    const answer = heard(child);
    child.send(word);
    return ((await answer) as { counts: Counts }).counts;
  };
  return {
    url,
    pid: child.pid ?? 0,
    counts: () => ask({ counts: true }),
    behave: async (behaviour) => {
      await ask({ behave: behaviour });
    },
    kill: (signal) => {
      child.kill(signal);
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The next thing that it says. */
async function heard(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`the stub ended with ${code}`);
      }),
    ]);
  } finally {
    over.abort();
  }
}
