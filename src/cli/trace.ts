import type { Clock, Output } from '../commands/context.js';
import { messageOf } from '../errors.js';
import type { Run } from '../process/run.js';

/**
 * Tells each tool's argv before it runs, and its exit code and duration after. Secrets never stand in
 * argv, so nothing has to be masked; input and environment are not shown.
 */
export function traced(run: Run, stderr: Output, clock: Clock): Run {
  return async (argv, options) => {
    const start = clock.now();
    const tool = argv[0] ?? '';
    stderr.line(`+ ${argv.map(quoted).join(' ')}`);
    const ended = (how: string) => stderr.line(`+ ${tool}: ${how}, ${clock.now() - start} ms`);
    try {
      const result = await run(argv, options);
      const how =
        result.code === null ? `ended by ${result.signal ?? 'a signal'}` : `exit code ${result.code}`;
      ended(result.timedOut ? `${how} after its time-out` : how);
      return result;
    } catch (error) {
      ended(messageOf(error));
      throw error;
    }
  };
}

/** As a shell takes it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
