import { basename, extname } from 'node:path';

/** `.env` and `.env.NAME` count as files that end in .env. */
const BY_ENDING: Readonly<Record<string, string>> = {
  '.json': 'json',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.txt': 'txt',
  '.env': 'env',
  '.sh': 'env',
  '.py': 'python',
};
export const CLIENT_ENDINGS = Object.keys(BY_ENDING);

/** Formats without an extension of their own; a word of the file's name selects them, as in `verl.yaml`. */
export const CLIENT_WORDS = ['verl', 'sdk', 'tinker', 'curl', 'prometheus'];

export function clientFormat(path: string): string | undefined {
  const name = basename(path).toLowerCase();
  const named = name.split(/[^a-z0-9]+/).find((word) => CLIENT_WORDS.includes(word));
  // verl's tool is Python from 0.8 on, and YAML before.
  if (named === 'verl' && extname(name) === '.py') return 'verl-tool';
  return named ?? BY_ENDING[/^\.env(\.|$)/.test(name) ? '.env' : extname(name)];
}
