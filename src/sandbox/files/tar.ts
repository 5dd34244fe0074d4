/** Just enough of tar to take plain files into a sandbox and out of it; GNU tar is at the other end. */

const BLOCK = 512;
const NAME_FIELD = 100;
const LONG_NAME = '././@LongLink';
const SIZE_FIELD = { at: 124, length: 12 };
const TYPE_AT = 156;
const PLAIN = '0000644\0';

/** An archive of plain files, path to content; one of them may be `executable`. */
export function packTar(files: ReadonlyMap<string, Buffer>, executable?: string): Buffer {
  const parts: Buffer[] = [];
  for (const [path, content] of files) {
    const name = Buffer.from(path);
    // GNU's way to carry a long name: an entry of type L before the file's own.
    if (name.length > NAME_FIELD) {
      const ended = Buffer.concat([name, Buffer.alloc(1)]);
      parts.push(header(Buffer.from(LONG_NAME), ended.length, 'L'), padded(ended));
    }
    const mode = path === executable ? '0000755\0' : PLAIN;
    parts.push(header(name.subarray(0, NAME_FIELD), content.length, '0', mode), padded(content));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(name: Buffer, size: number, type: string, mode = PLAIN): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block);
  const fields: [number, string][] = [
    [100, mode],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [SIZE_FIELD.at, `${size.toString(8).padStart(SIZE_FIELD.length - 1, '0')}\0`],
    [136, '00000000000\0'],
    [148, ' '.repeat(8)],
    [TYPE_AT, type],
    [257, 'ustar  \0'],
  ];
  for (const [at, text] of fields) block.write(text, at, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** The plain files of an archive. What follows a place that is no tar, or is cut short, is left out. */
export function unpackTar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const block = archive.subarray(at, at + BLOCK);
    const size = Number.parseInt(block.toString('latin1', SIZE_FIELD.at, SIZE_FIELD.at + 11), 8);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (block[0] === 0 || !(size >= 0) || content.length < size) break;
    const type = String.fromCharCode(block[TYPE_AT] ?? 0);
    if (type === 'L') longName = text(content);
    else {
      if (type === '0' || type === '\0') {
        files.set(longName ?? text(block.subarray(0, NAME_FIELD)), content);
      }
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** A text that ends at its first NUL. */
function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
