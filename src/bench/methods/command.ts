import type { Language } from '../../api/languages.js';

/** The commands of a language, as SandboxFusion has them. `{file}` stands for the code's file. */
export interface Commands {
  file: string;
  compile?: readonly string[];
  run: readonly string[];
}

/** The tools of this machine that plain subprocesses use, by absolute path; null for one that is missing. */
export interface Tools {
  python: string | null;
  gxx: string | null;
}

/** Undefined for a language that has no commands here. */
export function commandsOf(language: Language, { python, gxx }: Tools): Commands | undefined {
  if (language === 'python' && python !== null) return { file: 'main.py', run: [python, '{file}'] };
  if (language === 'pytest' && python !== null)
    return { file: 'test_main.py', run: [python, '-m', 'pytest', '{file}'] };
  if (language === 'cpp' && gxx !== null)
    return { file: 'main.cpp', compile: [gxx, '-std=c++17', '{file}', '-o', 'test'], run: ['./test'] };
  return undefined;
}

/** A command with a limit of its address space, which only a shell can set. */
export function withMemoryLimit(argv: readonly string[], memoryLimitMB: number | null): readonly string[] {
  if (memoryLimitMB === null) return argv;
  return ['/bin/sh', '-c', `ulimit -v ${memoryLimitMB * 1024} && exec "$0" "$@"`, ...argv];
}
