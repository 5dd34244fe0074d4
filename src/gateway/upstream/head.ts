export interface Head {
  status: number;
  headers: string[];
  /** The length in bytes; `chunked`; or `close`: until the connection ends. */
  body: number | 'chunked' | 'close';
  reusable: boolean;
}

/** A violation of RFC 9112. Nothing after it on the connection can be trusted. */
export class MalformedResponse extends Error {}

const STATUS = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Strict against response smuggling: no folded lines, no blanks around names, one length only. */
export function readHead(text: string, method: string): Head {
  const lines = text.split('\r\n');
  const [, minor, digits] = STATUS.exec(lines[0] ?? '') ?? [];
  if (digits === undefined) throw new MalformedResponse('invalid status line');
  const status = Number(digits);
  const headers: string[] = [];
  let length: string | undefined;
  let coding: string | undefined;
  let connection = '';
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = trimBlanks(line, colon + 1);
    if (colon < 1 || !NAME.test(name) || !VALUE.test(value))
      throw new MalformedResponse('invalid header line');
    headers.push(name, value);
    // Comparing lengths first is faster: most names differ there.
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined && length !== value)
        throw new MalformedResponse('conflicting content-length headers');
      length = value;
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      coding = coding === undefined ? value.toLowerCase() : `${coding}, ${value}`;
    } else if (name.length === 10 && name.toLowerCase() === 'connection') {
      connection += `,${value.toLowerCase()}`;
    }
  }
  if (status === 101) throw new MalformedResponse('unexpected switch of protocols');
  const body = bodyOf(status, method, length, coding);
  const keepAlive = minor === '1' ? !/[, ]close\b/.test(connection) : /[, ]keep-alive\b/.test(connection);
  return { status, headers, body, reusable: keepAlive && body !== 'close' };
}

/** RFC 9112 allows only spaces and tabs around a value; `trim` would remove more. */
function trimBlanks(line: string, start: number): string {
  let end = line.length;
  while (isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

function bodyOf(
  status: number,
  method: string,
  length: string | undefined,
  coding: string | undefined,
): Head['body'] {
  if (coding !== undefined && length !== undefined)
    throw new MalformedResponse('both content-length and transfer-encoding');
  if (coding !== undefined && coding !== 'chunked') throw new MalformedResponse('unknown transfer-encoding');
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw new MalformedResponse('invalid content-length');
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return 'chunked';
  return length === undefined ? 'close' : Number(length);
}
