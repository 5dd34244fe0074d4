import type { Clock, Output } from '../commands/context.js';
import { messageOf } from '../errors.js';
import type { Run } from '../process/run.js';
import { quoteIfNeeded } from '../text/quote.js';

/** Prints each tool's argv, exit code and duration. Nothing is masked: secrets are never passed in argv. */
export function traced(run: Run, stderr: Output, clock: Clock): Run {
  return async (argv, options) => {
    const start = clock.now();
    const tool = argv[0] ?? '';
    stderr.line(`+ ${argv.map(quoteIfNeeded).join(' ')}`);
    const ended = (how: string) => stderr.line(`+ ${tool}: ${how}, ${clock.now() - start} ms`);
    try {
      const result = await run(argv, options);
      const how =
        result.code === null ? `killed by ${result.signal ?? 'a signal'}` : `exit code ${result.code}`;
      ended(result.timedOut ? `${how} after its timeout` : how);
      return result;
    } catch (error) {
      ended(messageOf(error));
      throw error;
    }
  };
}
