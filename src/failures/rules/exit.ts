import type { FailureRule } from '../rule.js';

const READ_LOG = "read the whole log with 'sandboxctl logs'";

/** What is left if neither the log nor the scheduler gives a cause: chosen by the job's state and exit code. */
export const EXIT_RULES = {
  notReady: {
    id: 'not-ready',
    cause: 'its job runs, but its server is not ready',
    hint: "follow it with 'sandboxctl logs -f'",
  },
  unknown: { id: 'end-unknown', cause: 'it ended, and Slurm no longer knows how', hint: READ_LOG },
  stateOnly: { id: 'end-state-only', cause: 'it ended, and Slurm reports {state}', hint: READ_LOG },
  signal: { id: 'server-signal', cause: 'its server was ended by {signal}', hint: READ_LOG },
  noError: {
    id: 'server-ended-without-error',
    cause: 'its server ended by itself, without an error',
    hint: READ_LOG,
  },
  code: { id: 'server-exit-code', cause: 'its server ended with exit code {code}', hint: READ_LOG },
} satisfies Record<string, FailureRule>;
