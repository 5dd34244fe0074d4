import { randomBytes } from 'node:crypto';
import type { Pause } from '../api/large-json.js';
import type { RunRequest } from '../api/request.js';
import type { SourceKeys } from './compile/source-key.js';
import { tracingOf } from './compile/tracing.js';
import { fromBase64 } from './files/base64.js';
import { encodingComplaint } from './files/encodable.js';
import { resolvePath } from './files/resolve-path.js';
import { codeFor, type Recipe, scalaObject } from './languages/languages.js';
import { memoryHints } from './languages/memory-hints.js';
import { type Limits, type Program, RequestFault } from './types.js';

export interface Machine {
  tool(name: string): string;
  cppFlags(): readonly string[];
  /** A folder with precompiled headers for it, once they exist. */
  cppHeaders?(): string | undefined;
  /** Names the sources whose compiled programs are kept; undefined if none are. */
  sources?: SourceKeys | undefined;
  /** Default and maximum memory limit of a run, in bytes. */
  memory: number;
  pause: Pause;
}

const IGNORED = 'IGNORE_THIS_FILE';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_';

/** Throws RequestFault. */
export async function prepare(request: RunRequest, recipe: Recipe, machine: Machine): Promise<Program> {
  checkText(request);
  const compiler = recipe.compile?.[0];
  const key =
    compiler && recipe.product ? machine.sources?.keyOf(request, machine.tool(compiler)) : undefined;
  // The same source gets the same path, which compilers put into their output.
  const folder = `/tmp/${temporaryName(key)}`;
  const whole = /^[^._]/.test(recipe.file);
  const file = `${folder}/${whole ? recipe.file : `${temporaryName(key?.subarray(NAME_BYTES))}${recipe.file}`}`;
  const values: Record<string, string> = {
    file,
    folder,
    jars: ['.', ...Object.keys(request.files).filter((path) => path.endsWith('.jar'))].join(':'),
    name: scalaObject(request.code) ?? '',
  };
  const words = ([tool = '', ...rest]: readonly string[]) => [
    tool.startsWith('./') ? tool : machine.tool(tool),
    ...rest.map((word) => word.replace(/\{(\w+)\}/g, (all, key: string) => values[key] ?? all)),
  ];
  const limits = limitsOf(request, machine.memory);
  const hints = memoryHints(recipe.runtime, limits.memory);
  const tracing = tracingOf(request.language, file);
  const flags = request.language === 'cpp' ? machine.cppFlags() : [];
  return {
    folder,
    file,
    code: codeFor(request.language, request.code),
    ...(recipe.compile === undefined
      ? {}
      : { compile: [...withOptions(words(recipe.compile), hints.compiler), ...flags] }),
    ...(key && {
      compiled: {
        key: key.toString('hex'),
        product: `${folder}/${recipe.product}`,
        headers: request.language === 'cpp' ? machine.cppHeaders?.() : undefined,
        ...(tracing && { tracing }),
      },
    }),
    run: withOptions(words(recipe.run), hints.options),
    stdin: request.stdin,
    env: hints.env,
    files: await filesOf(request, folder, file, machine.pause),
    fetch: await pathsToFetch(request, folder, machine.pause),
    limits,
  };
}

/** Text that is not valid Unicode is refused: replacing it would run another program. */
function checkText({ code, stdin, files, fetchFiles }: RunRequest): void {
  for (const text of [code, stdin ?? '', ...Object.keys(files), ...fetchFiles]) {
    const complaint = encodingComplaint(text);
    if (complaint !== undefined) throw new RequestFault(complaint);
  }
}

const NAME_BYTES = 8;
/** Random bytes are fetched by the page: each call is expensive. */
let left = Buffer.alloc(0);

function temporaryName(given?: Buffer): string {
  if (given !== undefined) return named(given.subarray(0, NAME_BYTES));
  if (left.length < NAME_BYTES) left = randomBytes(NAME_BYTES * 512);
  const bytes = left.subarray(0, NAME_BYTES);
  left = left.subarray(NAME_BYTES);
  return named(bytes);
}

function named(bytes: Buffer): string {
  return `tmp${[...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

async function filesOf(
  { files }: RunRequest,
  folder: string,
  code: string,
  pause: Pause,
): Promise<Map<string, Buffer>> {
  const placed = new Map<string, Buffer>();
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    if (index % PATHS === PATHS - 1) await pause();
    if (content === null || path.includes(IGNORED)) continue;
    if (path.includes('\0')) throw new RequestFault('embedded null byte');
    if (tooLong(path)) throw new RequestFault(`[Errno 36] File name too long: '${path.slice(0, SHOWN)}...'`);
    if (path === '' || path.endsWith('/')) throw new RequestFault(`[Errno 21] Is a directory: '${path}'`);
    const place = resolvePath(path, folder);
    // The code is written last, as SandboxFusion does.
    if (place !== code) placed.set(place, await decoded(content, pause));
  }
  return placed;
}

async function decoded(content: string, pause: Pause): Promise<Buffer> {
  try {
    return await fromBase64(content, pause);
  } catch (error) {
    throw new RequestFault((error as Error).message);
  }
}

async function pathsToFetch({ fetchFiles }: RunRequest, folder: string, pause: Pause): Promise<string[]> {
  if (fetchFiles.some((path) => path.includes('\0'))) throw new RequestFault('embedded null byte');
  const places = new Set<string>();
  for (const [index, path] of fetchFiles.entries()) {
    if (index % PATHS === PATHS - 1) await pause();
    // No file can have such a path, so it is left out like a missing file.
    if (!tooLong(path)) places.add(resolvePath(path, folder));
  }
  return [...places];
}

const PATH_MAX = 4096;
const SHOWN = 200;

/** Paths that are resolved without a pause. */
export const PATHS = 64;

export function tooLong(path: string): boolean {
  return path.length >= PATH_MAX || Buffer.byteLength(path) >= PATH_MAX;
}

function withOptions([tool = '', ...rest]: readonly string[], options: readonly string[]): string[] {
  return [tool, ...options, ...rest];
}

function limitsOf(request: RunRequest, most: number): Limits {
  const asked = request.memoryLimitMB > 0 ? Math.min(request.memoryLimitMB * 2 ** 20, most) : undefined;
  return {
    compileTimeout: request.compileTimeout,
    runTimeout: request.runTimeout,
    latest: Number.POSITIVE_INFINITY,
    memory: asked ?? most,
    stack: asked ?? null,
  };
}
