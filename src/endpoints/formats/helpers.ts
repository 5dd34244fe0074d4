import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SandboxctlError } from '../../errors.js';
import { bashQuote } from '../../text/quote.js';

/** What ends a line somewhere, or is not printable in YAML. */
const UNSAFE = /[\p{Cc}\u2028\u2029\ufeff]/gu;

/**
 * `shell`, `python`, `yaml`, `json`: values as literals of that language; `comment`: text that stays on its line;
 * `join`; `file`: writes a file, relative to `folder`; `refuse`: an error of kind `usage`; `note`: a line for the
 * user.
 */
export const helpers = (told: (line: string) => void, folder: string) => ({
  file: (path: string) => readFileSync(resolve(folder, path), 'utf8').trimEnd(),
  note: (...given: unknown[]) => {
    told(given.slice(0, -1).map(text).join('').replace(UNSAFE, ' '));
    return '';
  },
  // The last argument of a helper is the engine's own.
  shell: (...given: unknown[]) => bashQuote(given.slice(0, -1).map(text).join('')),
  python: (value: unknown) => python(known(value)),
  yaml: (value: unknown) => JSON.stringify(known(value)).replace(UNSAFE, escaped),
  json: (value: unknown) => JSON.stringify(known(value)),
  comment: (value: unknown) => text(value).replace(UNSAFE, ' '),
  join: (list: readonly unknown[], separator: string) => list.map(text).join(separator),
  refuse: (what: string, hint: string) => {
    throw new SandboxctlError('usage', { what, hint });
  },
});

/** Strict mode lets a helper be called with a name that no value has. */
function known(value: unknown): unknown {
  if (value === undefined) throw new Error('a helper is given a name that no value has');
  return value;
}

function text(value: unknown): string {
  return value === null ? '' : String(known(value));
}

function python(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object') {
    const items = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${python(inner)}`);
    return `{${items.join(', ')}}`;
  }
  return JSON.stringify(value);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
