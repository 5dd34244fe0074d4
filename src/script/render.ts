import Handlebars from 'handlebars';
import { messageOf, SandboxctlError } from '../errors.js';
import type { Submission } from '../fleet/plan.js';
import { type Spec, specLine } from '../fleet/spec.js';
import { directives } from './directives.js';
import { checkNames } from './names-check.js';
import { type JobPaths, scriptValues } from './values.js';

export interface TemplateTexts {
  /** Where it came from, for errors. */
  path: string;
  body: string;
  /** By name. */
  partials: Readonly<Record<string, string>>;
}

/**
 * The whole batch script: shebang, the spec's line, #SBATCH lines, then the template's text. The first
 * three are put before a user's own template too. Throws kind `config` for a template that does not
 * parse or that names an unknown value.
 */
export function renderScript(
  spec: Spec,
  submission: Submission,
  paths: JobPaths,
  excluded: readonly string[],
  template: TemplateTexts,
): string {
  const body = renderBody(template, { ...scriptValues(spec, submission, paths) });
  const shebang = body.startsWith('#!') ? body.slice(0, body.indexOf('\n')) : '#!/bin/bash';
  const rest = body.startsWith('#!') ? body.slice(body.indexOf('\n') + 1) : body;
  const lines = directives(spec, submission, excluded).map((directive) => `#SBATCH ${directive}`);
  return [shebang, specLine(spec, { id: submission.id, offset: submission.offset }), ...lines, rest].join(
    '\n',
  );
}

function renderBody(template: TemplateTexts, values: Record<string, unknown>): string {
  // Handlebars escapes for HTML by default, which would spoil a script; the values are quoted already.
  const engine = Handlebars.create();
  try {
    for (const text of [template.body, ...Object.values(template.partials)]) checkNames(text, values);
    for (const [name, text] of Object.entries(template.partials)) engine.registerPartial(name, text);
    return engine.compile(template.body, { noEscape: true, strict: true })(values);
  } catch (error) {
    throw new SandboxctlError('config', {
      what: `the template ${template.path} cannot be rendered`,
      words: messageOf(error),
      hint: 'correct the template; docs/templates.md lists the values that it can name',
      cause: error,
    });
  }
}
