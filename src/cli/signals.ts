import { EXIT_CODES, SandboxctlError } from '../errors.js';

/** A lost terminal ends like SIGTERM: tools have process groups of their own and would go on alone. */
const KINDS = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'terminated' } as const;

/**
 * The first signal aborts `stop`, its reason the error to end with (130 or 143); the second ends the
 * process at once.
 */
export function stopOnSignals(stop: AbortController): void {
  for (const [name, kind] of Object.entries(KINDS)) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(EXIT_CODES[kind].code);
      stop.abort(
        new SandboxctlError(kind, {
          what: `stopped by ${name}`,
          hint: 'run the same command again: it goes on from where this one stopped',
        }),
      );
    });
  }
}
