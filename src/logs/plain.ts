import type { Sink } from './sink.js';

/** Colours, cursor moves and the like (ECMA-48, 5.4: CSI, parameters, intermediates, final byte). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape character is what these begin with
const SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/g;
/** One that the next bytes may complete. No terminal knows longer ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const BEGUN = /\x1b(?:\[[0-?]{0,64}[ -/]{0,8})?$/;

/** Removes terminal escape sequences; all other bytes pass unchanged. */
export function withoutSequences(write: Sink) {
  let begun = '';

  return {
    async write(bytes: Buffer): Promise<void> {
      // Byte for byte, whatever the log's encoding.
      const text = (begun + bytes.toString('latin1')).replace(SEQUENCE, '');
      begun = BEGUN.exec(text)?.[0] ?? '';
      const rest = text.slice(0, text.length - begun.length);
      if (rest !== '') await write(Buffer.from(rest, 'latin1'));
    },
    async end(): Promise<void> {
      if (begun !== '') await write(Buffer.from(begun, 'latin1'));
      begun = '';
    },
  };
}
