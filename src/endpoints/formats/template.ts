import { dirname } from 'node:path';
import { messageOf, SandboxctlError } from '../../errors.js';
import { checkNames } from '../../script/names-check.js';
import Handlebars from '../../vendor/handlebars.js';
import type { EndpointsFile } from '../schema.js';
import { helpers } from './helpers.js';
import { clientValues } from './values.js';

/** Throws kind `config` for a template that does not parse or names an unknown value, `usage` if it refuses. */
export function renderTemplate(
  path: string,
  text: string,
  file: EndpointsFile,
  note: (line: string) => void,
): string {
  // An engine of our own: helpers registered on the shared one would reach every other template.
  const engine = Handlebars.create();
  engine.registerHelper(helpers(note, dirname(path)));
  const values = { ...clientValues(file) };
  try {
    checkNames(text, values);
    return engine.compile(text, { noEscape: true, strict: true })(values);
  } catch (error) {
    if (error instanceof SandboxctlError) throw error;
    throw new SandboxctlError('config', {
      what: `the template ${path} cannot be rendered`,
      detail: messageOf(error),
      hint: 'correct the template; docs/client-files.md lists the values and helpers that it can name',
      cause: error,
    });
  }
}
