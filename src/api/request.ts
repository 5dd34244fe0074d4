import { isObject } from '../text/json-object.js';
import { decodeJson } from './json.js';
import { LANGUAGES, type Language } from './languages.js';

/** A request of `/run_code` with all defaults filled in. Times are in seconds. */
export interface RunRequest {
  code: string;
  language: Language;
  compileTimeout: number;
  runTimeout: number;
  /** In MiB; -1 for no limit. */
  memoryLimitMB: number;
  stdin: string | null;
  /** Base64 by path; a null is skipped. */
  files: Readonly<Record<string, string | null>>;
  fetchFiles: readonly string[];
  /** The keys that the client sent: they tell which client it is, and so how long it waits (`client-timeout`). */
  sent: ReadonlySet<string>;
}

/** One entry of `detail` in a 422, as FastAPI writes it. */
export interface Detail {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

export type ParsedRequest = { ok: true; request: RunRequest } | { ok: false; detail: Detail[] };

type Read = (value: unknown, loc: Detail['loc'], detail: Detail[]) => unknown;

/** SandboxFusion's default, recorded from a real server. */
const DEFAULT_TIMEOUT_S = 10;

const errorDetail = (type: string, msg: string, loc: Detail['loc'], input: unknown): Detail => ({
  type,
  loc,
  msg,
  input,
});

/**
 * Parses the body of a `/run_code` as FastAPI and pydantic do: same coercions, same error messages. `contentType`
 * undefined counts as JSON.
 */
export function parseRequest(body: Buffer, contentType: string | undefined): ParsedRequest {
  if (body.length === 0) return rejected(errorDetail('missing', 'Field required', ['body'], null));
  const text = body.toString('utf8');
  if (!isJson(contentType)) return rejected(notAnObject(text));
  const decoded = decodeJson(text);
  if (!decoded.ok) {
    const { index, message } = decoded;
    return rejected({
      ...errorDetail('json_invalid', 'JSON decode error', ['body', index], {}),
      ctx: { error: message },
    });
  }
  if (decoded.value === null) return rejected(errorDetail('missing', 'Field required', ['body'], null));
  if (!isObject(decoded.value)) return rejected(notAnObject(decoded.value));
  return readFields(decoded.value);
}

function readFields(body: Readonly<Record<string, unknown>>): ParsedRequest {
  const detail: Detail[] = [];
  const field = (name: string, read: Read, fallback?: unknown): unknown => {
    if (Object.hasOwn(body, name)) return read(body[name], ['body', name], detail);
    if (fallback === undefined) detail.push(errorDetail('missing', 'Field required', ['body', name], body));
    return fallback;
  };
  const request = {
    compileTimeout: field('compile_timeout', readFloat, DEFAULT_TIMEOUT_S),
    runTimeout: field('run_timeout', readFloat, DEFAULT_TIMEOUT_S),
    memoryLimitMB: field('memory_limit_MB', readInt, -1),
    code: field('code', readText),
    stdin: field('stdin', optional(readText), null),
    language: field('language', readLanguage),
    files: field('files', readFiles, {}),
    fetchFiles: field('fetch_files', readPaths, []),
    sent: new Set(Object.keys(body)),
  };
  // Each reader returns its field's type, or adds to `detail`.
  return detail.length > 0 ? { ok: false, detail } : { ok: true, request: request as RunRequest };
}

const readText: Read = (value, loc, detail) => {
  if (typeof value === 'string') return value;
  detail.push(errorDetail('string_type', 'Input should be a valid string', loc, value));
  return undefined;
};

const optional =
  (read: Read): Read =>
  (value, loc, detail) =>
    value === null ? null : read(value, loc, detail);

/** pydantic accepts numbers in strings, with spaces around them and `_` between digits. */
const FLOAT = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i;
const INT = /^[+-]?\d+(_\d+)*(\.0*)?$/;

const readFloat: Read = (value, loc, detail) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (text !== undefined && FLOAT.test(text)) return Number(text.replaceAll('_', ''));
  if (text !== undefined && /^[+-]?inf(inity)?$/i.test(text))
    return text.startsWith('-') ? -Infinity : Infinity;
  const message = 'Input should be a valid number';
  detail.push(
    text === undefined
      ? errorDetail('float_type', message, loc, value)
      : errorDetail('float_parsing', `${message}, unable to parse string as a number`, loc, value),
  );
  return undefined;
};

const readInt: Read = (value, loc, detail) => {
  const message = 'Input should be a valid integer';
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return value;
    detail.push(errorDetail('int_from_float', `${message}, got a number with a fractional part`, loc, value));
  } else if (typeof value !== 'string') {
    detail.push(errorDetail('int_type', message, loc, value));
  } else {
    if (INT.test(value.trim())) return Number(value.trim().replaceAll('_', ''));
    detail.push(errorDetail('int_parsing', `${message}, unable to parse string as an integer`, loc, value));
  }
  return undefined;
};

const readLanguage: Read = (value, loc, detail) => {
  if (LANGUAGES.some((language) => language === value)) return value;
  const quoted = LANGUAGES.map((language) => `'${language}'`);
  const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  detail.push({
    ...errorDetail('literal_error', `Input should be ${expected}`, loc, value),
    ctx: { expected },
  });
  return undefined;
};

const readFiles: Read = (value, loc, detail) => {
  if (!isObject(value)) {
    detail.push(errorDetail('dict_type', 'Input should be a valid dictionary', loc, value));
    return undefined;
  }
  const read = optional(readText);
  for (const [path, content] of Object.entries(value)) read(content, [...loc, path], detail);
  return value;
};

const readPaths: Read = (value, loc, detail) => {
  if (Array.isArray(value)) return value.map((path, index) => readText(path, [...loc, index], detail));
  detail.push(errorDetail('list_type', 'Input should be a valid list', loc, value));
  return undefined;
};

function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined || contentType === '') return true;
  const [type = ''] = contentType.toLowerCase().split(';');
  return /^application\/([\w.-]+\+)?json$/.test(type.trim());
}

function notAnObject(input: unknown): Detail {
  const message = 'Input should be a valid dictionary or object to extract fields from';
  return errorDetail('model_attributes_type', message, ['body'], input);
}

const rejected = (...detail: Detail[]): ParsedRequest => ({ ok: false, detail });
