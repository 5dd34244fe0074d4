import type { ErrorKind } from '../errors.js';

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
