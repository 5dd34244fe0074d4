import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, SandboxctlError } from '../../errors.js';
import { json } from '../file.js';
import type { EndpointsFile } from '../schema.js';
import { ENDING, formatNames, TEMPLATES, templateNames } from './names.js';
import { txt } from './txt.js';

export interface RenderOptions {
  now: number;
  /** Of the terminal that shows the table; 0 or left out: no limit. */
  width?: number;
  note?: ((line: string) => void) | undefined;
}

/** A name (docs/client-files.md) or a path ending in .hbs. Throws kind `usage` for unknown names and refusals. */
export async function renderFormat(
  format: string,
  file: EndpointsFile,
  { now, width = 0, note = () => undefined }: RenderOptions,
): Promise<string> {
  if (format === 'json') return json(file);
  if (format === 'txt') return txt(file);
  if (format === 'table') return (await import('./table.js')).table(file, now, width);
  const path = format.endsWith(ENDING) ? format : await ownTemplate(format);
  const text = await readTemplate(path);
  const { renderTemplate } = await import('./template.js');
  return renderTemplate(path, text, file, note);
}

async function ownTemplate(format: string): Promise<string> {
  if ((await templateNames()).includes(format)) return join(TEMPLATES, format + ENDING);
  throw new SandboxctlError('usage', {
    what: `there is no format '${format}'`,
    detail: `known: ${(await formatNames()).join(', ')}`,
    hint: 'take one of these with --format, or name a template of your own that ends in .hbs',
  });
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SandboxctlError('usage', {
      what: `the template ${path} cannot be read`,
      detail: messageOf(error),
      hint: 'check the path given with --format',
      cause: error,
    });
  }
}
