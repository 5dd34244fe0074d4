import { SandboxctlError } from '../../../errors.js';

/** An import at the beginning of a line: the names behind it, up to a comment. */
const IMPORT = /^[ \t]*(?:import[ \t]+([^#\n]+)|from[ \t]+([\w.]+)[ \t]+import\b)/gm;

/** The top-level packages that a Python program imports, as far as its lines say so. Strings may say so, too. */
function importedBy(code: string): Set<string> {
  const found = new Set<string>();
  for (const [, names, from] of code.matchAll(IMPORT)) {
    for (const name of (names ?? from ?? '').split(',')) {
      const [, top] = /^\s*(\w+)/.exec(name) ?? [];
      if (top !== undefined) found.add(top);
    }
  }
  return found;
}

export function importsAnyOf(modules: readonly string[], code: string): boolean {
  const imported = importedBy(code);
  return modules.some((name) => imported.has(name));
}

/** Of sets of modules, each as `numpy` or `numpy+pandas`, the largest that a program imports all of; undefined: none. */
export function setFor(code: string, sets: readonly string[]): string | undefined {
  if (sets.length === 0) return undefined;
  const imported = importedBy(code);
  const fitting = sets.filter((set) =>
    modulesOf(set).every((name) => imported.has(name.split('.', 1)[0] ?? '')),
  );
  return fitting.toSorted((one, other) => modulesOf(other).length - modulesOf(one).length)[0];
}

export function modulesOf(set: string): string[] {
  return set.split('+').filter((name) => name !== '');
}

const SET = /^[A-Za-z_][\w.]*(?:\+[A-Za-z_][\w.]*)*$/;

/** The sets of `--preload`, several of them in one word by commas. Throws kind `usage`. */
export function preloadSets(words: readonly string[]): string[] {
  const sets = words.flatMap((word) => word.split(',')).map((set) => set.trim());
  const wrong = sets.find((set) => !SET.test(set));
  if (wrong === undefined) return sets;
  throw new SandboxctlError('usage', {
    what: `--preload ${JSON.stringify(wrong)} is no module, and no modules that are joined by +`,
    detail: words.join(' '),
    hint: 'for example --preload numpy,numpy+pandas',
  });
}
