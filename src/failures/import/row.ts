import type { ErrorKind } from '../../errors.js';

/** Exit codes of the import script's own, apart from enroot's (1) and curl's (up to 99). */
export const SCRIPT_CODES = { noSpace: 110, listing: 111, noEnroot: 112 } as const;

/** What a row may name in its texts. */
export interface FailureNames {
  /** The image as people write it. */
  image: string;
  /** Host that was asked. */
  host: string;
  /** Folder of the final image. */
  target: string;
}

export interface FailureRow {
  /** Tested on each line of stderr, last line first; the first row that knows one wins. */
  line: RegExp;
  kind: ErrorKind;
  what: (names: FailureNames, match: RegExpExecArray) => string;
  hint: string;
}
