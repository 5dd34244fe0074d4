import type { Language } from '../api/languages.js';

/** How a language is run, by the recorded server's commands. `{file}` and `{dir}` stand for the code and its folder. */
export interface Recipe {
  /** The ending of the code's file, or its whole name where the tools ask for one. */
  file: string;
  /** The first word of each is a tool, found on PATH. */
  compile?: readonly string[];
  run: readonly string[];
}

export const RECIPES: Partial<Record<Language, Recipe>> = {
  python: { file: '.py', run: ['python', '{file}'] },
  cpp: { file: '.cpp', compile: ['g++', '-std=c++17', '{file}', '-o', 'test'], run: ['./test'] },
  bash: { file: '.sh', run: ['/bin/bash', '{file}'] },
  nodejs: { file: '.js', run: ['node', '{file}'] },
  perl: { file: '.pl', run: ['perl', '{file}'] },
};
