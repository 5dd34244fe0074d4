import { SandboxctlError } from '../../errors.js';
import { shellQuote } from '../../script/quote.js';

/** What ends a line somewhere, or is not printable in YAML. */
const UNSAFE = /[\p{Cc}\u2028\u2029\ufeff]/gu;

/**
 * The helpers of client file templates. `shell`, `python`, `yaml` and `json` write one value as a literal
 * of that language, whatever stands in it (`shell` puts several values into one word); `comment` writes text that stays on its line; `join` joins a
 * list; `refuse` ends with an error of kind `usage`: what, then what to do instead.
 */
export const HELPERS = {
  // The last argument of a helper is the engine's own.
  shell: (...given: unknown[]) => shellQuote(given.slice(0, -1).map(String).join('')),
  python: (value: unknown) => python(plain(value)),
  yaml: (value: unknown) => JSON.stringify(plain(value)).replace(UNSAFE, escaped),
  json: (value: unknown) => JSON.stringify(plain(value)),
  comment: (value: unknown) => String(value).replace(UNSAFE, ' '),
  join: (list: readonly unknown[], separator: string) => list.join(separator),
  refuse: (what: string, hint: string) => {
    throw new SandboxctlError('usage', { what, hint });
  },
};

/** JSON's strings and numbers are Python's too. */
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

/** Without this a value that is not there would stand in the file as `undefined`. */
function plain(value: unknown): unknown {
  if (value === undefined) throw new Error('a helper was called without a value');
  return value;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
