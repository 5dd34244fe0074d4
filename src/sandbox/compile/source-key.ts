import { createHmac, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Language } from '../../api/languages.js';
import type { RunRequest } from '../../api/request.js';

/** Characters of code and files: a longer request is hashed for longer than is worth it. */
const LONGEST = 2 ** 20;
/** What makes the compiler's output depend on when it runs. In C++ and D it may be hidden: see tracing.ts. */
const CLOCKS = /__(DATE|TIME)|(DATE|TIME|TIMESTAMP)__/;
/** What lets compilers read more than their sources, where no list tells of it, and no language lets it be hidden. */
const READERS: Readonly<Partial<Record<Language, RegExp>>> = {
  D_ut: /asm/,
  go: /["`]C["`]/,
  rust: /include|asm|path\s*=/,
};

/** Names the sources of this server: no program can tell what others have sent. */
export class SourceKeys {
  private readonly secret = randomBytes(32);

  /** Undefined where the compiler has to run each time. `tool`: the path of the compiler. */
  keyOf(request: RunRequest, tool: string): Buffer | undefined {
    const { code, files, language, compileTimeout, memoryLimitMB, fetchFiles } = request;
    const isUnfit = (text: string) => CLOCKS.test(text) || READERS[language]?.test(text) === true;
    if (compileTimeout <= 0 || fetchFiles.length > 0 || isUnfit(code)) return undefined;
    const entries = Object.entries(files);
    const length = entries.reduce(
      (sum, [path, text]) => sum + path.length + (text?.length ?? 0),
      code.length,
    );
    if (length > LONGEST || entries.some(([, text]) => isUnfit(decoded(text)))) return undefined;
    return createHmac('sha256', this.secret)
      .update(JSON.stringify([language, code, entries, memoryLimitMB, stampOf(tool)]))
      .digest();
  }
}

/** A file of a request, which is base64. */
function decoded(text: string | null): string {
  return text === null ? '' : Buffer.from(text, 'base64').toString('latin1');
}

/** A tool as it stands: another one in its place has another stamp. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? `${path} is gone` : `${path} ${found.size} ${found.mtimeMs}`;
}
