import { fileURLToPath } from 'node:url';
import { readIfThere } from './atomic.js';

/** A page of the documentation, as messages name it: `docs/security.md`, or `security`. Undefined if there is none. */
export async function docsPage(word: string): Promise<string | undefined> {
  const [, name] = /^(?:docs\/)?([a-z]+(?:-[a-z]+)*)(?:\.md)?$/.exec(word) ?? [];
  if (name === undefined) return undefined;
  return readIfThere(fileURLToPath(new URL(`../../docs/${name}.md`, import.meta.url)));
}
