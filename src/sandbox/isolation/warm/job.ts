import { cpuSeconds, fileSize, ownStack, stackBytes } from '../../limits/limits.js';
import type { Program } from '../../types.js';

/** RLIM_INFINITY of setrlimit(2), as Python takes it. */
const UNLIMITED = -1;
/** Bytes of all files, and their number: more than that, and the start of an interpreter does not matter. */
const MOST_BYTES = 4 * 2 ** 20;
const MOST_FILES = 64;
const MOST_NAME = 200;
const PLAIN_NAME = /^[\w.-]+(\/[\w.-]+)*$/;

/** Where the files of a program go, inside its folder; undefined where one is unusual: tar's answer to that is known. */
export function plainFiles({
  files,
  folder,
  executable,
}: Pick<Program, 'files' | 'folder' | 'executable'>): Map<string, Buffer> | undefined {
  const inside = new Map<string, Buffer>();
  let bytes = 0;
  for (const [path, content] of files) {
    const name = path.slice(folder.length + 1);
    bytes += content.length;
    if (!path.startsWith(`${folder}/`) || !PLAIN_NAME.test(name) || name.length > MOST_NAME) return undefined;
    inside.set(name, content);
  }
  const names = [...inside.keys()];
  const isFolder = (name: string) => names.some((other) => other.startsWith(`${name}/`));
  const unusual = bytes > MOST_BYTES || names.length > MOST_FILES || executable !== undefined;
  return unusual || names.some(isFolder) ? undefined : inside;
}

/**
 * What a slot reads before it becomes a program: a line of numbers, and of the names and sizes of files; then the
 * code and the files.
 */
export function jobOf(
  { code, stdin, limits }: Program,
  files: ReadonlyMap<string, Buffer>,
  tmpSize: number,
): Buffer {
  const text = Buffer.from(code);
  const contents = [...files.values()];
  const numbers = [
    [text, ...contents].reduce((sum, each) => sum + each.length, 0),
    text.length,
    Number(Boolean(stdin)),
    cpuSeconds(limits.runTimeout) ?? UNLIMITED,
    fileSize(limits, tmpSize),
    limits.stack === null ? ownStack() : stackBytes(limits.stack),
  ];
  const named = [...files].flatMap(([name, content]) => [name, content.length]);
  return Buffer.concat([Buffer.from(`${[...numbers, ...named].join(' ')}\n`), text, ...contents]);
}
