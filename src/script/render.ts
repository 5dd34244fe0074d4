import { brokenSbatchArg } from '../config/sbatch-arg.js';
import { SandboxctlError } from '../errors.js';
import type { Submission } from '../fleet/plan.js';
import { slotOf } from '../fleet/slot.js';
import { type Spec, slotSpec, specLine } from '../fleet/spec.js';
import Handlebars from '../vendor/handlebars.js';
import { directives } from './directives.js';
import { mistakeOf } from './mistake.js';
import { checkNames } from './names-check.js';
import { ITEM_FIELDS, type JobPaths, scriptValues } from './values.js';

export interface TemplateTexts {
  path: string;
  body: string;
  partials: Readonly<Record<string, string>>;
}

/** What a job asks for instead of what its spec says. */
export interface Placement {
  time?: string | null;
  node?: string | null;
}

/** Handlebars' own, but for `log`, which would write to stdout. */
const HELPERS = ['if', 'unless', 'each', 'with', 'lookup'];

/**
 * Shebang, the spec's line and #SBATCH lines precede a user's own template too. Throws kind `config` for a template
 * that does not parse, names an unknown value, or sets an #SBATCH option of ours.
 */
export function renderScript(
  spec: Spec,
  submission: Submission,
  paths: JobPaths,
  excluded: readonly string[],
  template: TemplateTexts,
  { time = null, node = null }: Placement = {},
): string {
  const asked = slotSpec(spec, slotOf(submission.offset));
  const nodelist = node === null ? asked.job.slurm.nodelist : [node];
  const slurm = { ...asked.job.slurm, time: time ?? asked.job.slurm.time, nodelist };
  const own = { ...asked, job: { ...asked.job, slurm } };
  const body = renderBody(template, { ...scriptValues(own, submission, paths) });
  const [, shebang = '#!/bin/bash', rest = ''] = /^(?:(#![^\n]*)(?:\n|$))?(.*)$/s.exec(body) ?? [];
  const lines = directives(own, submission, excluded).map((directive) => `#SBATCH ${directive}`);
  return [shebang, specLine(spec, { id: submission.id, offset: submission.offset }), ...lines, rest].join(
    '\n',
  );
}

function renderBody(template: TemplateTexts, values: Record<string, unknown>): string {
  // Handlebars escapes for HTML by default; the values are quoted already.
  const engine = Handlebars.create();
  const partials = Object.entries(template.partials).map(([name, text]) => [name, unixText(text)] as const);
  const body = unixText(template.body);
  const known = { items: ITEM_FIELDS, helpers: HELPERS, partials: Object.keys(template.partials) };
  for (const [path, text] of [[template.path, body] as const, ...partials]) {
    inTemplate(path, text, () => checkNames(text, values, known));
  }
  checkDirectives(template.path, body);
  for (const [name, text] of partials) engine.registerPartial(name, text);
  // Indented along with a partial, a value of several lines would be another value.
  const options = { noEscape: true, strict: true, preventIndent: true };
  return inTemplate(template.path, body, () => engine.compile(body, options)(values));
}

/** sbatch refuses a script with DOS line breaks, and a shebang behind a byte order mark is none. */
function unixText(text: string): string {
  return text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
}

/** Later lines override ours: a job under another name would no longer be found. */
function checkDirectives(path: string, body: string): void {
  for (const [at, line] of body.split('\n').entries()) {
    const broken = line.startsWith('#SBATCH ')
      ? brokenSbatchArg(line.slice('#SBATCH '.length).trim())
      : undefined;
    if (broken !== undefined) throw unusable(path, `${at + 1}:1: ${broken}`);
  }
}

function inTemplate<T>(path: string, text: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw unusable(path, mistakeOf(error, text), error);
  }
}

function unusable(path: string, words: string, cause?: unknown): SandboxctlError {
  return new SandboxctlError('config', {
    what: `the template ${path} cannot be rendered`,
    detail: `${path}:${words}`,
    hint: 'correct the template; docs/templates.md lists the values that it can name',
    cause,
  });
}
