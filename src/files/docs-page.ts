import { fileURLToPath } from 'node:url';
import { readIfThere } from './atomic.js';

/** The text of a page of the documentation. `word`: `docs/security.md` or `security`. Undefined if there is no such page. */
export async function docsPage(word: string): Promise<string | undefined> {
  const [, name] = /^(?:docs\/)?([a-z]+(?:-[a-z]+)*)(?:\.md)?$/.exec(word) ?? [];
  if (name === undefined) return undefined;
  return readIfThere(fileURLToPath(new URL(`../../docs/${name}.md`, import.meta.url)));
}
