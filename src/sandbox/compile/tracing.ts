import type { Language } from '../../api/languages.js';
import { resolvePath } from '../files/resolve-path.js';
import type { Outcome, Tracing } from '../types.js';

const CLOCK = 'SOURCE_DATE_EPOCH';
/**
 * Compilers take the date of __DATE__ and __TIME__ from it, and end with an error where it is none: not before the
 * program uses one of them, in whatever way, and whatever warnings it turns off.
 */
const NO_CLOCK = { [CLOCK]: 'none' };

/** What reveals, by language, on what a compiler's output depends beside its sources. */
export function tracingOf(language: Language, file: string): Tracing | undefined {
  if (language === 'D_ut') return { flags: [], env: NO_CLOCK };
  if (language !== 'cpp') return undefined;
  // No request has a file of this name: the source's is a secret.
  const list = `${file}.reads`;
  return {
    // The variable does not tell the time of a file.
    flags: ['-D__TIMESTAMP__=__TIME__', '-Wno-builtin-macro-redefined', '-MD', '-MF', list],
    env: NO_CLOCK,
    list,
  };
}

export function dependsOnClock({ compile }: Outcome): boolean {
  if (compile === undefined) return false;
  return [compile.stdout, compile.stderr].some(({ bytes }) => bytes.includes(CLOCK));
}

/** Where another moment, or another run, has other files. */
const CHANGING = /^\/(proc|sys|dev|run|etc|var)\//;
/** Behind a link, `..` leads elsewhere than it seems to. */
const UP_INTO_CHANGING = /\.\.\/+(proc|sys|dev|run|etc|var)\//;

/** Whether a compiler has read what changes while its sources do not, by the list that it wrote. */
export function readsBeyondSources(list: Buffer | undefined, folder: string): boolean {
  if (list === undefined) return true;
  return listedPaths(list).some(
    (path) => UP_INTO_CHANGING.test(path) || CHANGING.test(resolvePath(path, folder)),
  );
}

/** Of a list in make's words. A path with a space is in pieces. */
export function listedPaths(list: Buffer): string[] {
  return list.toString('latin1').split(/[\s\\]+/);
}
