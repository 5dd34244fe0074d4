/** Characters that are turned into JSON at a time: V8's longest string ends at 512 MB, and escapes are six long. */
const PIECE = 2 ** 24;

/** A value as JSON, in pieces: two outputs of 64 MB each do not fit into one string when they need escapes. */
export function jsonPieces(value: unknown): Buffer[] {
  const pieces: Buffer[] = [];
  let open = '';
  const add = (text: string) => {
    open += text;
    if (open.length < PIECE) return;
    pieces.push(Buffer.from(open));
    open = '';
  };
  write(value, add);
  return [...pieces, Buffer.from(open)];
}

function write(value: unknown, add: (text: string) => void): void {
  if (typeof value === 'string' && value.length > PIECE) writeLong(value, add);
  else if (Array.isArray(value)) writeAll(value, add);
  else if (typeof value === 'object' && value !== null) writeFields(value, add);
  else add(JSON.stringify(value) ?? 'null');
}

/** A pair of surrogates that is cut becomes two escapes, which every reader joins again. */
function writeLong(text: string, add: (text: string) => void): void {
  add('"');
  for (let at = 0; at < text.length; at += PIECE) {
    add(JSON.stringify(text.slice(at, at + PIECE)).slice(1, -1));
  }
  add('"');
}

function writeAll(values: readonly unknown[], add: (text: string) => void): void {
  add('[');
  values.forEach((value, index) => {
    if (index > 0) add(',');
    write(value, add);
  });
  add(']');
}

function writeFields(fields: object, add: (text: string) => void): void {
  add('{');
  let first = true;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    add(`${first ? '' : ','}${JSON.stringify(key)}:`);
    write(value, add);
    first = false;
  }
  add('}');
}
