import { messageOf } from '../../errors.js';
import type { Context } from '../context.js';

/** Milliseconds that the command may run. */
const LONGEST_MS = 600_000;

/**
 * Tells of each outage when it begins and when it ends, and runs a shell command once when it begins. What
 * the command prints is shown; that it fails is told and changes nothing.
 */
export function onOutage({ env, io, run }: Context, command: string | null) {
  return (begins: boolean): void => {
    io.stderr.line(
      begins
        ? 'outage: no endpoint is in rotation; requests wait'
        : 'outage is over: an endpoint is in rotation',
    );
    if (!begins || command === null) return;
    const { SANDBOXCTL_TOKEN: _, ...rest } = env;
    run(['/bin/sh', '-c', command], {
      env: rest,
      timeoutMs: LONGEST_MS,
      onLine: (line) => io.stderr.line(`on-outage: ${line}`),
    })
      .then(({ code, signal }) => {
        if (code !== 0) io.stderr.line(`warning: the command of --on-outage ended with ${code ?? signal}`);
      })
      .catch((error: unknown) => {
        io.stderr.line(`warning: the command of --on-outage could not be run: ${messageOf(error)}`);
      });
  };
}
