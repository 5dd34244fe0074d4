import type { Facts } from './rule.js';

export interface ScriptLine {
  event: string;
  values: Facts;
}

const LINE = /^sandboxctl: ([a-z][a-z -]*)((?: [a-z_]+="(?:[^"\\]|\\.)*")*)$/;
const VALUE = / ([a-z_]+)=("(?:[^"\\]|\\.)*")/g;

/** `sandboxctl: EVENT KEY="VALUE"...`: `\` escapes `"` and `\`, control characters became spaces. Else undefined. */
export function parseScriptLine(line: string): ScriptLine | undefined {
  const [, event, rest = ''] = LINE.exec(line.trimEnd()) ?? [];
  if (event === undefined) return undefined;
  const values = [...rest.matchAll(VALUE)].map(
    ([, key = '', quoted = '']) => [key, unquote(quoted)] as const,
  );
  return { event, values: Object.fromEntries(values) };
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}
