import { basename, extname } from 'node:path';
import { LANGUAGES, type Language } from '../../api/languages.js';
import { SandboxctlError } from '../../errors.js';

const BY_ENDING: Readonly<Record<string, Language>> = {
  '.py': 'python',
  '.cpp': 'cpp',
  '.cc': 'cpp',
  '.cxx': 'cpp',
  '.js': 'nodejs',
  '.mjs': 'nodejs',
  '.cjs': 'nodejs',
  '.go': 'go',
  '.java': 'java',
  '.php': 'php',
  '.cs': 'csharp',
  '.sh': 'bash',
  '.bash': 'bash',
  '.ts': 'typescript',
  '.rs': 'rust',
  '.cu': 'cuda',
  '.lua': 'lua',
  '.R': 'R',
  '.r': 'R',
  '.pl': 'perl',
  '.d': 'D_ut',
  '.rb': 'ruby',
  '.scala': 'scala',
  '.jl': 'julia',
  '.kts': 'kotlin_script',
  '.sv': 'verilog',
  '.v': 'verilog',
  '.lean': 'lean',
  '.swift': 'swift',
  '.rkt': 'racket',
};

/** The given language, else the one of the file's extension. Throws kind `usage` if there is neither. */
export function languageOf(named: string | undefined, file: string): Language {
  if (named !== undefined) {
    const known = LANGUAGES.find((language) => language === named);
    if (known !== undefined) return known;
    throw refusal(`there is no language '${named}'`);
  }
  if (file === '-') throw refusal('the language of a program from standard input must be named');
  if (basename(file).endsWith('_test.go')) return 'go_test';
  const told = BY_ENDING[extname(file)];
  if (told !== undefined) return told;
  throw refusal(`the name ${file} does not tell its language`);
}

function refusal(what: string): SandboxctlError {
  return new SandboxctlError('usage', {
    what,
    detail: LANGUAGES.join(' '),
    hint: 'name one of these with --language',
  });
}
