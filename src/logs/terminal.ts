import { StringDecoder } from 'node:string_decoder';
import { printableLines } from '../errors.js';
import type { Sink } from './sink.js';

/** Control sequences (ECMA-48, 5.4: CSI), and operating system commands, as for a window's title (8.3.89). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape character is what these begin with
const SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)/g;
/** One that the next bytes may complete; a longer one is shown as text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const BEGUN = /(?:\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\x07\x1b\n]{0,256}\x1b?)?|\r)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const COLOR = /^\x1b\[[\d;:]*m$/;

/** Nothing but colours passes. A carriage return ends a line, since redrawing could hide what was there. */
export function forTerminal(write: Sink, color: boolean) {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  const show = async (text: string) => {
    if (text !== '') await write(Buffer.from(clean(text, color)));
  };

  return {
    async write(bytes: Buffer): Promise<void> {
      const text = begun + decoder.write(bytes);
      begun = BEGUN.exec(text)?.[0] ?? '';
      await show(text.slice(0, text.length - begun.length));
    },
    async end(): Promise<void> {
      await show(begun + decoder.end());
      begun = '';
    },
  };
}

function clean(text: string, color: boolean): string {
  const lines = text.replace(/\r\n?/g, '\n');
  let shown = '';
  let at = 0;
  for (const { 0: sequence, index } of lines.matchAll(SEQUENCE)) {
    shown += printableLines(lines.slice(at, index)) + (color && COLOR.test(sequence) ? sequence : '');
    at = index + sequence.length;
  }
  return shown + printableLines(lines.slice(at));
}
