import { cpuSeconds, fileSize, ownStack, stackBytes } from '../../limits/limits.js';
import type { Program } from '../../types.js';

/** RLIM_INFINITY of setrlimit(2), as Python takes it. */
const UNLIMITED = -1;
/** Bytes of all files, and their number: more than that, and the start of an interpreter does not matter. */
const MOST_BYTES = 16 * 2 ** 20;
const MOST_FILES = 64;
const MOST_NAME = 200;
const PLAIN_NAME = /^[\w.-]+(\/[\w.-]+)*$/;

/** Where the files of a program go, inside its folder; undefined where one is unusual: tar's answer to that is known. */
export function plainFiles({
  files,
  folder,
}: Pick<Program, 'files' | 'folder'>): Map<string, Buffer> | undefined {
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
  const unusual = bytes > MOST_BYTES || names.length > MOST_FILES;
  return unusual || names.some(isFolder) ? undefined : inside;
}

/** What a slot does with its process: it goes on as a fork of the interpreter, or executes a program's own command. */
export type Becomes = 'fork' | 'command';

/**
 * What a slot reads before it becomes a program: a line of numbers, and of the names and sizes of files; then the
 * code, the command if it is to execute one, and the files.
 */
export function jobOf(
  program: Program,
  becomes: Becomes,
  files: ReadonlyMap<string, Buffer>,
  tmpSize: number,
): Buffer {
  const { limits, stdin } = program;
  const code = Buffer.from(program.code);
  const command = becomes === 'fork' ? Buffer.alloc(0) : commandOf(program);
  const body = [code, command, ...files.values()];
  const numbers = [
    body.reduce((sum, each) => sum + each.length, 0),
    code.length,
    command.length,
    Number(Boolean(stdin)),
    cpuSeconds(limits.runTimeout) ?? UNLIMITED,
    fileSize(limits, tmpSize),
    limits.stack === null ? ownStack() : stackBytes(limits.stack),
  ];
  const named = [...files].flatMap(([name, content]) => [name, content.length]);
  return Buffer.concat([Buffer.from(`${[...numbers, ...named].join(' ')}\n`), ...body]);
}

/** The folder, the source file, the executable file if there is one, the number of words, the words, and variables. */
function commandOf({ folder, file, executable = '', run, env }: Program): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return Buffer.from([folder, file, executable, run.length, ...run, ...variables].join('\0'));
}
