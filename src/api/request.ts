import { isObject } from '../text/json-object.js';
import { type Decoded, decodeJson } from './json.js';
import { JsonOutline } from './json-outline.js';
import { LANGUAGES, type Language } from './languages.js';
import { decodeLargeJson, LARGE_JSON, type Pause } from './large-json.js';
import { shortened } from './shortened.js';

/** A request of `/run_code` with all defaults filled in. Times are in seconds. */
export interface RunRequest {
  code: string;
  language: Language;
  compileTimeout: number;
  runTimeout: number;
  memoryLimitMB: number;
  stdin: string | null;
  /** Base64 by path; a null is skipped. */
  files: Readonly<Record<string, string | null>>;
  fetchFiles: readonly string[];
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

const MAX_FILES = 10_000;
const MAX_MISTAKES = 100;
const LONGEST_NUMBER = 1000;
const ECHOED = 4096;

const errorDetail = (type: string, msg: string, loc: Detail['loc'], input: unknown): Detail => ({
  type,
  loc: loc.map((each) => (typeof each === 'string' ? shortened(each) : each) as string | number),
  msg,
  input: shortened(input),
});

/**
 * Parses the body of a `/run_code` with pydantic's coercions and messages. `contentType` undefined counts as JSON.
 */
export function parseRequest(body: Buffer, contentType: string | undefined): ParsedRequest {
  return unlessJson(body, contentType) ?? readDecoded(decodeBody(body));
}

/** The same for long bodies: others are served meanwhile. */
export async function parseRequestInSlices(
  body: Buffer,
  contentType: string | undefined,
  pause: Pause,
): Promise<ParsedRequest> {
  if (body.length <= LARGE_JSON) return parseRequest(body, contentType);
  return unlessJson(body, contentType) ?? readDecoded(await decodeLargeJson(body, { pause }));
}

function unlessJson(body: Buffer, contentType: string | undefined): ParsedRequest | undefined {
  if (body.length === 0) return rejected(errorDetail('missing', 'Field required', ['body'], null));
  return isJson(contentType) ? undefined : rejected(notAnObject(body.toString('utf8', 0, ECHOED)));
}

function readDecoded(decoded: Decoded): ParsedRequest {
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

function decodeBody(body: Buffer): Decoded {
  const outline = new JsonOutline();
  outline.add(body);
  const { fault } = outline;
  if (fault !== undefined)
    return { ok: false, index: body.toString('utf8', 0, fault.at).length, message: fault.message };
  return decodeJson(body.toString('utf8'));
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
const FLOAT = /^[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i;
const INT = /^[+-]?\d+(_\d+)*(\.0*)?$/;

const readFloat: Read = (value, loc, detail) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  const text = typeof value === 'string' ? value.slice(0, LONGEST_NUMBER + 1).trim() : undefined;
  if (text !== undefined && text.length <= LONGEST_NUMBER && FLOAT.test(text))
    return Number(text.replaceAll('_', ''));
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
    const text = value.slice(0, LONGEST_NUMBER + 1).trim();
    if (text.length <= LONGEST_NUMBER && INT.test(text)) return Number(text.replaceAll('_', ''));
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
  const files = Object.entries(value);
  if (files.length > MAX_FILES) return tooMany('Dictionary', files.length, value, loc, detail);
  for (const [path, content] of files) {
    if (detail.length >= MAX_MISTAKES) return undefined;
    read(content, [...loc, path], detail);
  }
  return value;
};

const readPaths: Read = (value, loc, detail) => {
  if (!Array.isArray(value)) {
    detail.push(errorDetail('list_type', 'Input should be a valid list', loc, value));
    return undefined;
  }
  if (value.length > MAX_FILES) return tooMany('List', value.length, value, loc, detail);
  for (const [index, path] of value.entries()) {
    if (detail.length >= MAX_MISTAKES) return undefined;
    readText(path, [...loc, index], detail);
  }
  return value;
};

function tooMany(
  what: string,
  count: number,
  value: unknown,
  loc: Detail['loc'],
  detail: Detail[],
): undefined {
  const msg = `${what} should have at most ${MAX_FILES} items after validation, not ${count}`;
  const ctx = { field_type: what, max_length: MAX_FILES, actual_length: count };
  detail.push({ ...errorDetail('too_long', msg, loc, value), ctx });
  return undefined;
}

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
