/** The head of an answer, and how its body ends. */
export interface Head {
  status: number;
  /** Names and values in turn, as they came. */
  headers: string[];
  /** Bytes of the body; `chunked`, or `close`: until the connection ends. */
  body: number | 'chunked' | 'close';
  /** Whether the connection may carry another request. */
  reusable: boolean;
}

/** Why an answer is none: what it breaks of RFC 9112. Nothing after it on its connection can be trusted. */
export class BrokenAnswer extends Error {}

const STATUS = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads a head, without the empty line at its end. Strict, since a second reading of the same bytes would
 * be a way in: no folded lines, no blanks around names, one length only.
 */
export function readHead(text: string, method: string): Head {
  const lines = text.split('\r\n');
  const [, minor, digits] = STATUS.exec(lines[0] ?? '') ?? [];
  if (digits === undefined) throw new BrokenAnswer('no status line of HTTP/1.1');
  const status = Number(digits);
  const headers: string[] = [];
  let length: string | undefined;
  let coding: string | undefined;
  let connection = '';
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = withoutBlanks(line, colon + 1);
    if (colon < 1 || !NAME.test(name) || !VALUE.test(value)) throw new BrokenAnswer('a header that is none');
    headers.push(name, value);
    // The lengths first: most names are told apart by them.
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined && length !== value) throw new BrokenAnswer('two lengths');
      length = value;
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      coding = coding === undefined ? value.toLowerCase() : `${coding}, ${value}`;
    } else if (name.length === 10 && name.toLowerCase() === 'connection') {
      connection += `,${value.toLowerCase()}`;
    }
  }
  if (status === 101) throw new BrokenAnswer('it wants to speak another protocol');
  const body = bodyOf(status, method, length, coding);
  const kept = minor === '1' ? !/[, ]close\b/.test(connection) : /[, ]keep-alive\b/.test(connection);
  return { status, headers, body, reusable: kept && body !== 'close' };
}

/** The value from `start` on, without the spaces and tabs around it: RFC 9112 allows these alone, `trim` takes more. */
function withoutBlanks(line: string, start: number): string {
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
  if (coding !== undefined && length !== undefined) throw new BrokenAnswer('a length and a transfer coding');
  if (coding !== undefined && coding !== 'chunked') throw new BrokenAnswer('an unknown transfer coding');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new BrokenAnswer('a length that is none');
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return 'chunked';
  return length === undefined ? 'close' : Number(length);
}
