import { messageOf } from '../../errors.js';
import type { Context } from '../context.js';

const COMMAND_TIMEOUT_MS = 600_000;

/** Reports the start and end of each outage, and runs a shell command once when it starts. */
export function onOutage({ env, io, run }: Context, command: string | null) {
  return (begins: boolean): void => {
    io.stderr.line(
      begins
        ? 'outage: no endpoint is in rotation, requests are queued'
        : 'outage is over: an endpoint is in rotation again',
    );
    if (!begins || command === null) return;
    const { SANDBOXCTL_TOKEN: _, ...rest } = env;
    run(['/bin/sh', '-c', command], {
      env: rest,
      timeoutMs: COMMAND_TIMEOUT_MS,
      onLine: (line) => io.stderr.line(`on-outage: ${line}`),
    })
      .then(({ code, signal }) => {
        if (code !== 0) io.stderr.line(`warning: the --on-outage command exited with ${code ?? signal}`);
      })
      .catch((error: unknown) => {
        io.stderr.line(`warning: cannot run the --on-outage command: ${messageOf(error)}`);
      });
  };
}
