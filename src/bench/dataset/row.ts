import { isObject, type JsonObject, parseObject } from '../../text/json-object.js';

/** The fields of one line, under the names that several data sets give them; collects what is wrong with them. */
export class Row {
  readonly mistakes: string[] = [];
  readonly fields: JsonObject;

  constructor(fields: JsonObject) {
    this.fields = fields;
  }

  /** The first of these fields that is present and not null. */
  first(...names: readonly string[]): { name: string; value: unknown } | undefined {
    const name = names.find((each) => this.fields[each] !== undefined && this.fields[each] !== null);
    return name === undefined ? undefined : { name, value: this.fields[name] };
  }

  text(...names: readonly string[]): string | undefined {
    const found = this.first(...names);
    if (found === undefined || typeof found.value === 'string') return found?.value as string | undefined;
    return this.mistake(`${found.name} must be a string, not ${kindOf(found.value)}`);
  }

  /**
   * A number of more than nothing; or one in a text, as `2.0 seconds`, `500 ms` or `256 megabytes`, in units of
   * `units`. Of two, as in `0.5 - 1.0 seconds`, the larger. Texts that name none, as `None`, leave it out.
   */
  amount(units: Units, ...names: readonly string[]): number | undefined {
    const found = this.first(...names);
    if (found === undefined) return undefined;
    const { name, value } = found;
    if (typeof value === 'string' && /^\s*(none|null|n\/?a|unknown|unlimited|-)?\s*$/i.test(value))
      return undefined;
    const amount =
      typeof value === 'string' ? amountIn(value, units) : typeof value === 'number' ? value : Number.NaN;
    if (amount > 0 && Number.isFinite(amount)) return amount;
    return this.mistake(`${name} must be a number of more than 0, not ${shown(value)}`);
  }

  /** A list, or a text that holds one as JSON. */
  list(name: string, value: unknown = this.fields[name]): unknown[] | undefined {
    if (Array.isArray(value)) return value;
    const decoded = parsedJson(value);
    if (Array.isArray(decoded)) return decoded;
    return this.mistake(`${name} must be a list, not ${kindOf(value)}`);
  }

  /** An object, or a text that holds one as JSON. */
  object(name: string, value: unknown = this.fields[name]): JsonObject | undefined {
    const object = isObject(value) ? value : typeof value === 'string' ? parseObject(value) : undefined;
    return object ?? this.mistake(`${name} must be an object, or JSON of one, not ${kindOf(value)}`);
  }

  mistake(words: string): undefined {
    this.mistakes.push(words);
    return undefined;
  }
}

/** What a unit is worth, by the letters that its name begins with. */
export type Units = readonly (readonly [begins: RegExp, factor: number])[];
export const SECONDS: Units = [
  [/^(ms|milli)/i, 0.001],
  [/^(s|$)/i, 1],
  [/^m(in|$)/i, 60],
];
export const MEGABYTES: Units = [
  [/^(g|gi?b)/i, 1024],
  [/^(k|ki?b)/i, 1 / 1024],
  [/^(b|byte)/i, 1 / 1024 ** 2],
  [/^(m|mi?b|$)/i, 1],
];

function amountIn(text: string, units: Units): number {
  const [, first = '', second, unit = ''] =
    /^\s*(\d+(?:\.\d+)?)(?:\s*(?:-|to)\s*(\d+(?:\.\d+)?))?\s*([a-z]*)\.?\s*$/i.exec(text) ?? [];
  const factor = units.find(([begins]) => begins.test(unit))?.[1];
  return first === '' || factor === undefined
    ? Number.NaN
    : Math.max(Number(first), Number(second ?? 0)) * factor;
}

function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return (
    { object: 'an object', string: 'a string', number: 'a number', boolean: 'a boolean' }[
      typeof value as string
    ] ?? 'nothing'
  );
}

/** Characters of a value that a message repeats. */
const SHOWN = 40;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
