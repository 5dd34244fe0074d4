import type { Language } from '../../api/languages.js';
import type { Runtime } from './memory-hints.js';

/** SandboxFusion's commands. The first word of a line is a tool on PATH, or `./` and the compiler's output. */
export interface Recipe {
  /** The extension of the source file, or its whole name if the tools require one. */
  file: string;
  compile?: readonly string[];
  /** The compiler's output, if it is a single file. */
  product?: string;
  run: readonly string[];
  runtime?: Runtime;
}

export const RECIPES: Readonly<Partial<Record<Language, Recipe>>> = {
  python: { file: '.py', run: ['python', '{file}'] },
  cpp: {
    file: '.cpp',
    compile: ['g++', '-std=c++17', '{file}', '-o', 'test'],
    product: 'test',
    run: ['./test'],
  },
  nodejs: { file: '.js', run: ['node', '{file}'], runtime: 'node' },
  go: {
    file: '.go',
    compile: ['go', 'build', '-o', 'out', '{file}'],
    product: 'out',
    run: ['./out'],
    runtime: 'go',
  },
  go_test: { file: '_test.go', run: ['go', 'test', '{file}'], runtime: 'go' },
  java: {
    file: 'Main.java',
    compile: ['javac', '-cp', '{jars}', 'Main.java'],
    run: ['java', '-cp', '{jars}', '-ea', 'Main'],
    runtime: 'java',
  },
  php: { file: '.php', run: ['php', '-f', '{file}'] },
  bash: { file: '.sh', run: ['/bin/bash', '{file}'] },
  typescript: { file: '.ts', run: ['tsx', '{file}'], runtime: 'node' },
  rust: { file: '.rs', compile: ['rustc', '{file}', '-o', 'test'], product: 'test', run: ['./test'] },
  lua: { file: '.lua', run: ['lua', '{file}'] },
  R: { file: '.R', run: ['Rscript', '{file}'] },
  perl: { file: '.pl', run: ['perl', '{file}'] },
  D_ut: { file: '.d', compile: ['dmd', '{file}', '-unittest', '-of=test'], product: 'test', run: ['./test'] },
  ruby: { file: '.rb', run: ['ruby', '{file}'] },
  scala: { file: '.scala', compile: ['scalac', '{file}'], run: ['scala', '{name}'] },
  julia: { file: '.jl', run: ['julia', '{file}'] },
  pytest: { file: '.py', run: ['pytest', '{file}'] },
  kotlin_script: { file: '.kts', run: ['kotlin', '{file}'] },
  verilog: {
    file: '.sv',
    compile: [
      ...['iverilog', '-Wall', '-Winfloop', '-Wno-timescale', '-g2012'],
      ...['-s', 'tb', '-o', 'test.vvp', '{file}'],
    ],
    run: ['vvp', '-n', 'test.vvp'],
  },
  swift: {
    file: '.swift',
    compile: ['swiftc', '{file}', '-o', 'test.out'],
    product: 'test.out',
    run: ['./test.out'],
  },
  racket: { file: '.rkt', run: ['racket', '{file}'] },
};

export function toolNames(recipe: Recipe): string[] {
  const firsts = [recipe.compile?.[0], recipe.run[0]];
  return firsts.filter((word) => word !== undefined && !word.startsWith('./')) as string[];
}

export function codeFor(language: Language, code: string): string {
  if (language !== 'php') return code;
  const trimmed = code.trimStart();
  return trimmed.startsWith('<?php') ? trimmed : `<?php\n${trimmed}`;
}

export function scalaObject(code: string): string | undefined {
  return /object\s+(\w+)/.exec(code)?.[1];
}
