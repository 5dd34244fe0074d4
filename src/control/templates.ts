import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { messageOf, SandboxctlError } from '../errors.js';
import type { TemplateTexts } from '../script/render.js';

const FOLDER = fileURLToPath(new URL('../../templates/', import.meta.url));

export async function loadTemplate(
  path: string | null,
  runtime: string,
  cluster: string,
): Promise<TemplateTexts> {
  const partials = {
    runtime: `runtimes/${runtime}`,
    cluster: `clusters/${cluster}`,
    fail: 'parts/fail',
    http: 'parts/http',
    launch: 'parts/launch',
    leftovers: 'parts/leftovers',
    nodejs: 'parts/nodejs',
  };
  const [body, ...texts] = await Promise.all([
    path === null ? readFile(`${FOLDER}job.sbatch.hbs`, 'utf8') : readOwn(path),
    ...Object.values(partials).map((name) => readFile(`${FOLDER}${name}.hbs`, 'utf8')),
  ]);
  return {
    path: path ?? 'templates/job.sbatch.hbs',
    body,
    partials: Object.fromEntries(
      // A partial on a line of its own takes the line break after it along.
      Object.keys(partials).map((name, at) => [name, `${(texts[at] ?? '').trimEnd()}\n`]),
    ),
  };
}

/** A shell part without values, for a script that is no template. */
export function readPart(name: string): Promise<string> {
  return readFile(`${FOLDER}parts/${name}.hbs`, 'utf8');
}

export function templateDigest(texts: TemplateTexts): string {
  return createHash('sha256').update(texts.body).digest('hex').slice(0, 16);
}

async function readOwn(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SandboxctlError('config', {
      what: `the template ${path} cannot be read`,
      detail: messageOf(error),
      hint: 'correct --template, or leave it out for the built-in one',
      cause: error,
    });
  }
}
