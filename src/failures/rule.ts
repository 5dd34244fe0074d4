import type { ErrorKind } from '../errors.js';

/**
 * A known failure. A rule applies where one of its evidence keys matches; a rule without any is chosen by
 * code. In `cause` and `hint`, `{1}` is the first group of the matching pattern and `{name}` a named group
 * or a fact of the caller, such as `{node}` or `{image}`.
 */
export interface FailureRule {
  /** Unique, stable, kebab-case. */
  id: string;
  cause: string;
  /** What to do: names a command, a flag or a config key. */
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
  /**
   * The line is evidence even after the server was ready. Others are not: a ready server also logs what the
   * programs that it runs print.
   */
  evidenceWhileRunning?: true;
  /** The node lacks what the runtime needs, so the cached detection result is wrong. */
  missingPrerequisite?: true;
  /** Texts for a server that runs from a checkout, which has no image. */
  fromCheckout?: { cause?: string; hint: string };
  /** The kind of the error that an import ends with. */
  kind?: ErrorKind;
}

export type Facts = Readonly<Record<string, string | undefined>>;

/** Replaces each `{name}`; an unknown name becomes empty. */
export function fillTemplate(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '');
}
