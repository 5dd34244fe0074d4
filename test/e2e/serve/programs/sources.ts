import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { ProgramCase, Subject } from './case.js';

const SOURCES = new URL('sources/', import.meta.url);

const LANGUAGES: Readonly<Record<string, string>> = {
  '.py': 'python',
  '.cpp': 'cpp',
  '.node': 'nodejs',
  '.sh': 'bash',
  '.pl': 'perl',
  '.java': 'java',
  '.go': 'go',
  '.rs': 'rust',
  '.rb': 'ruby',
  '.php': 'php',
  '.lua': 'lua',
  '.R': 'R',
};

/** A line before each program: its name, and what else is asked for, as JSON. */
const HEADER = /^(?:#|\/\/|--): (.*?)(?: (\{.*\}))?$/;

/** The programs of each file in sources/, by its name. */
export function programsInFiles(): Record<string, Subject> {
  const files = readdirSync(SOURCES).toSorted();
  return Object.fromEntries(files.map((file) => [file, programsIn(file)]));
}

function programsIn(file: string): ProgramCase[] {
  const language = LANGUAGES[extname(file)];
  if (language === undefined) throw new Error(`no language is known for ${file}`);
  const programs: ProgramCase[] = [];
  for (const line of readFileSync(new URL(file, SOURCES), 'utf8').split('\n')) {
    const header = HEADER.exec(line);
    const last = programs.at(-1);
    if (header !== null) {
      const [, name = '', asked = '{}'] = header;
      programs.push({ name: `${file}: ${name}`, language, code: '', ...JSON.parse(asked) });
    } else if (last !== undefined) last.code += `${line}\n`;
  }
  return programs;
}
