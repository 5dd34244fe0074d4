/** Characters, values and levels of what an error repeats of its request. */
const [TEXT, VALUES, LEVELS] = [4096, 100, 20];
const CUT = '... (cut)';

export function shortened(value: unknown): unknown {
  return copy(value, { text: TEXT, values: VALUES }, LEVELS);
}

interface Left {
  text: number;
  values: number;
}

function copy(value: unknown, left: Left, levels: number): unknown {
  left.values -= 1;
  if (typeof value === 'string') return text(value, left);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return CUT;
  const entries: [string, unknown][] = [];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (left.values <= 0 || left.text <= 0) {
      entries.push([CUT, CUT]);
      break;
    }
    entries.push([text(key, left), copy((value as Record<string, unknown>)[key], left, levels - 1)]);
  }
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

function text(value: string, left: Left): string {
  const most = Math.max(0, left.text);
  left.text -= value.length;
  return value.length <= most ? value : `${value.slice(0, most)}${CUT}`;
}
