/** Characters that are turned into JSON at a time; escapes make them six times as many. */
const PIECE = 2 ** 18;
/** Bytes that are turned into base64 at a time: a multiple of three, so that nothing is padded in between. */
const BASE64_PIECE = 3 * 2 ** 16;

/** In pieces, made on demand. A Buffer is written as base64, so that long files never become strings. */
export function* jsonPieces(value: unknown): Generator<Buffer> {
  let open = '';
  for (const text of write(value)) {
    open += text;
    if (open.length < PIECE) continue;
    yield Buffer.from(open);
    open = '';
  }
  yield Buffer.from(open);
}

function write(value: unknown): Iterable<string> {
  if (typeof value === 'string' && value.length > PIECE) return writeLong(value);
  if (Buffer.isBuffer(value)) return writeBase64(value);
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value) ?? 'null'];
  return Array.isArray(value) ? writeAll(value) : writeFields(value);
}

/** A cut pair of surrogates becomes two escapes, which every reader joins again. */
function* writeLong(text: string): Generator<string> {
  yield '"';
  for (let at = 0; at < text.length; at += PIECE) {
    yield JSON.stringify(text.slice(at, at + PIECE)).slice(1, -1);
  }
  yield '"';
}

function* writeBase64(bytes: Buffer): Generator<string> {
  yield '"';
  for (let at = 0; at < bytes.length; at += BASE64_PIECE) {
    yield bytes.toString('base64', at, Math.min(bytes.length, at + BASE64_PIECE));
  }
  yield '"';
}

function* writeAll(values: readonly unknown[]): Generator<string> {
  yield '[';
  for (const [index, value] of values.entries()) {
    if (index > 0) yield ',';
    yield* write(value);
  }
  yield ']';
}

function* writeFields(fields: object): Generator<string> {
  yield '{';
  let first = true;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    yield `${first ? '' : ','}${JSON.stringify(key)}:`;
    yield* write(value);
    first = false;
  }
  yield '}';
}
