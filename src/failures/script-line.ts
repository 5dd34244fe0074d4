import type { Facts } from './rule.js';

/** A line in which one of sandboxctl's shell scripts reports an event. */
export interface ScriptLine {
  event: string;
  values: Facts;
}

const LINE = /^sandboxctl: ([a-z][a-z -]*)((?: [a-z_]+="(?:[^"\\]|\\.)*")*)$/;
const VALUE = / ([a-z_]+)=("(?:[^"\\]|\\.)*")/g;

/**
 * Parses `sandboxctl: EVENT KEY="VALUE"...`. In a value, `"` and `\` follow a `\`; control characters were
 * replaced by spaces. Undefined for any other line.
 */
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
