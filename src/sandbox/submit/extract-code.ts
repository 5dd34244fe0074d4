/** Which language a fence names, by the words that SandboxFusion knows. The last that claims a word has it. */
const FENCES: readonly (readonly [string, readonly string[]])[] = [
  ['python', ['python', 'Python', 'py', 'Python3', 'python3', 'PY']],
  ['cpp', ['cpp', 'c++', 'C++', 'Cpp', 'CPP']],
  ['nodejs', ['JS', 'js']],
  ['javascript', ['javascript', 'Javascript', 'JavaScript']],
  ['go', ['go', 'Go']],
  ['java', ['java', 'Java']],
  ['php', ['php', 'PHP']],
  ['csharp', ['csharp', 'c#', 'C#']],
  ['bash', ['bash', 'Bash', 'BASH', 'sh', 'shell']],
  ['typescript', ['typescript']],
  ['rust', ['rust', 'Rust', 'rs']],
  ['sql', ['sql', 'SQL', 'Sql']],
  ['D', ['D', 'd']],
  ['julia', ['julia', 'Julia', 'jl']],
  ['lua', ['lua', 'Lua']],
  ['perl', ['perl', 'Perl', 'PERL']],
  ['R', ['R', 'r']],
  ['ruby', ['ruby', 'Ruby']],
  ['scala', ['scala', 'Scala']],
  ['kotlin', ['kotlin', 'Kotlin']],
  ['c', ['c', 'C']],
  ['html', ['html', 'Html', 'HTML']],
  ['verilog', ['verilog', 'Verilog', 'VERILOG']],
  ['racket', ['racket']],
  ['swift', ['swift']],
];
const LANGUAGE_OF = new Map(FENCES.flatMap(([language, words]) => words.map((word) => [word, language])));

interface Block {
  language: string;
  code: string;
}

const FENCED = /```([^\n]*)\n(.*?)\n\s*```/gs;
const UNCLOSED = /```([^\n]*)\n(.*)/gs;

/**
 * As SandboxFusion's data sets do: whole fences, else an unclosed one, else what looks like code; the first in the
 * language, else the first. Empty for none.
 */
export function extractCode(completion: string, language: string): string {
  for (const blocks of [blocksOf(FENCED, completion), blocksOf(UNCLOSED, completion)]) {
    const found = blocks.find((each) => each.language === language) ?? blocks[0];
    if (found !== undefined) return found.code;
  }
  return unfenced(completion, language);
}

function blocksOf(pattern: RegExp, completion: string): Block[] {
  return [...completion.matchAll(pattern)].map(([, word = '', code = '']) => ({
    language: LANGUAGE_OF.get(word.trim()) ?? '',
    code,
  }));
}

const PYTHON = /(?:^(?:import|from|#)[^\n]+\n)*^(?:def|class) [^\n]+\n(?:\s+[^\n]+\n)+/m;
const SQL = /^\s*(?:select|with\s[^\n]+as)[^;]*/im;

function unfenced(completion: string, language: string): string {
  const lines = completion.split('\n').filter((line) => line.trim() !== '');
  const text = `${lines.join('\n')}\n`;
  if (language === 'bash') return text;
  const pattern = language === 'python' ? PYTHON : language === 'sql' ? SQL : undefined;
  return pattern?.exec(text)?.[0] ?? '';
}
