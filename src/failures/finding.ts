import { bug, type ErrorKind, SandboxctlError } from '../errors.js';
import { type Facts, fillTemplate } from './rule.js';
import { FAILURE_RULES } from './rules/index.js';

/** A known failure that was found before it happened, or a risk of one. */
export interface Finding {
  id: string;
  severity: 'error' | 'warning';
  cause: string;
  /** What it leads to; one line. */
  matters: string;
  /** The tool's own words, or the figures that show it; empty if there are none. */
  words: string;
  /** What to do: names a command, a flag or a config key. */
  hint: string;
}

/** The finding of a rule; `facts` fill its texts. */
export function finding(id: string, facts: Facts = {}, words = ''): Finding {
  const { doctor, ...rule } = ruleOf(id);
  if (doctor === undefined) throw bug(`the failure rule ${id} says nothing for doctor`);
  const fill = (text: string) => fillTemplate(text, facts);
  return {
    id,
    severity: doctor.severity,
    cause: fill(rule.cause),
    matters: fill(doctor.matters),
    words,
    hint: fill(rule.hint),
  };
}

/** The finding of a failure that some other command would end with. Throws an error of any other kind. */
export function findingOf(error: unknown): Finding {
  if (!(error instanceof SandboxctlError) || error.failure === undefined) throw error;
  const { severity, matters } = finding(error.failure);
  const { failure: id, message: cause, hint, detail: words = '' } = error;
  return { id, severity, cause, matters, words, hint };
}

/** A known failure as the error that a command ends with. `kind`: `refused` if left out. */
export function failureError(
  id: string,
  facts: Facts,
  parts: { kind?: ErrorKind; detail?: string; cause?: unknown } = {},
): SandboxctlError {
  const { cause, hint } = ruleOf(id);
  const { kind = 'refused', ...rest } = parts;
  return new SandboxctlError(kind, {
    ...rest,
    what: fillTemplate(cause, facts),
    hint: fillTemplate(hint, facts),
    failure: id,
  });
}

function ruleOf(id: string) {
  const rule = FAILURE_RULES.find((each) => each.id === id);
  if (rule === undefined) throw bug(`there is no failure rule ${id}`);
  return rule;
}
