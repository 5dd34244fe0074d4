import { randomBytes } from 'node:crypto';
import type { RunRequest } from '../api/request.js';
import type { Recipe } from './languages.js';
import type { Program } from './types.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_';

/** As Python's tempfile names things, which is what the recorded server's paths look like. */
function temporaryName(): string {
  return `tmp${[...randomBytes(8)].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

/** Puts a request into the words of its language. `tool` gives the path of each tool. */
export function prepare(request: RunRequest, recipe: Recipe, tool: (word: string) => string): Program {
  const folder = `/tmp/${temporaryName()}`;
  const name = recipe.file.startsWith('.') ? `${temporaryName()}${recipe.file}` : recipe.file;
  const file = `${folder}/${name}`;
  const words = (line: readonly string[]) =>
    line.map((word, index) =>
      index === 0 ? tool(word) : word.replace('{file}', file).replace('{dir}', folder),
    );
  return {
    folder,
    file,
    code: request.code,
    ...(recipe.compile === undefined ? {} : { compile: words(recipe.compile) }),
    run: words(recipe.run),
    stdin: request.stdin,
    files: new Map(),
    fetch: request.fetchFiles,
    limits: {
      compileTimeout: request.compileTimeout,
      runTimeout: request.runTimeout,
      memory: request.memoryLimitMB < 0 ? Infinity : request.memoryLimitMB * 2 ** 20,
      data: null,
    },
  };
}
