import type { Sink } from './sink.js';

const NEWLINE = 0x0a;
/** Longer lines are split, each piece with the prefix, to bound memory. Bytes. */
const LONGEST_LINE = 64 * 1024;

/** Puts a prefix before every line, and writes whole lines only, so that several logs can share a stream. */
export function prefixer(prefix: string, write: Sink) {
  const mark = Buffer.from(prefix);
  let open: Buffer = Buffer.alloc(0);

  return {
    async write(bytes: Buffer): Promise<void> {
      const lines: Buffer[] = [];
      let rest = Buffer.concat([open, bytes]);
      for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
        lines.push(mark, rest.subarray(0, at + 1));
        rest = rest.subarray(at + 1);
      }
      open = rest;
      if (lines.length > 0) await write(Buffer.concat(lines));
      if (open.length >= LONGEST_LINE) await this.end();
    },
    async end(): Promise<void> {
      if (open.length === 0) return;
      const last = Buffer.concat([mark, open, Buffer.from([NEWLINE])]);
      open = Buffer.alloc(0);
      await write(last);
    },
  };
}
