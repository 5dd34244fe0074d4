import type { ErrorKind } from '../errors.js';

/**
 * Applies where one of its evidence keys matches; a rule without any is chosen by code. In `cause` and `hint`, `{1}`
 * is a group of the pattern and `{name}` a named group or a fact of the caller.
 */
export interface FailureRule {
  id: string;
  cause: string;
  hint: string;

  /** Evidence: a line of a job's log. */
  jobLog?: RegExp | readonly RegExp[];
  /** Evidence: the scheduler's final state of a job. */
  jobState?: string;
  /** Evidence: the scheduler's reason for a job's end. */
  jobReason?: readonly string[];
  /** Evidence: a job's exit code, as `CODE:SIGNAL` or as CODE for any signal. */
  exitCode?: string;
  /** Evidence: the reason of a pending job that can never start. */
  pendingReason?: readonly string[];
  /** Evidence: a line of sbatch's refusal. */
  sbatch?: RegExp;
  /** Evidence: a line of stderr of an image import. */
  importLog?: RegExp;

  /** The log line to quote for `jobState`, if not one that `jobLog` matches. */
  stateLog?: RegExp;
  /** `jobReason` counts before the log does. */
  reasonBeforeLog?: true;
  /** Applies only to a job that left no log. */
  withoutLog?: true;
  /** Also after the server was ready; other evidence is not, as programs print into that log. */
  evidenceWhileRunning?: true;
  /** The node lacks what the runtime needs, so the cached detection result is wrong. */
  missingPrerequisite?: true;
  /** Texts for a server that runs from a checkout, which has no image. */
  fromCheckout?: { cause?: string; hint: string };
  /** For what `sandboxctl doctor` looks for before it fails: an error stops a command, a warning may. */
  doctor?: {
    severity: 'error' | 'warning';
    /** What it leads to. */
    matters: string;
  };
  kind?: ErrorKind;
}

export type Facts = Readonly<Record<string, string | undefined>>;

export function fillTemplate(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '');
}
