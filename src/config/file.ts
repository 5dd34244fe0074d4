import { dirname } from 'node:path';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from '../vendor/yaml.js';
import type { Layer } from './layer.js';
import { SETTINGS, type Setting } from './settings.js';

const byKey: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((setting) => [setting.key, setting]));

interface Entry {
  key: number;
  value?: number | undefined;
  items?: readonly (number | undefined)[] | undefined;
}

/** Parses a configuration file. Never throws: mistakes are in the layer, each with its position. */
export function fileLayer(file: string, text: string): Layer {
  const lineCounter = new LineCounter();
  // YAML 1.2 core: `1:30:00` is a text, and `on`, `yes` and `no` are not booleans.
  const document = parseDocument(text, { version: '1.2', schema: 'core', lineCounter, prettyErrors: false });
  const place = (offset = 0) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const entries = new Map<string, Entry>();
  const raw = new Map<string, unknown>();
  const mistakes = syntaxMistakes(document).map(([offset, rule]) => `${place(offset)}: ${rule}`);
  for (const pair of mistakes.length === 0 ? pairsOf(document) : []) {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const at = pair.key.range?.[0] ?? 0;
    if (entries.has(key)) mistakes.push(`${place(at)}: ${key}: is defined a second time here`);
    entries.set(key, { key: at });
    const value = resolved(pair.value, document);
    if (value === undefined) {
      mistakes.push(`${place(at)}: ${key}: has no value; remove the key`);
      continue;
    }
    raw.set(key, plain(value, byKey.get(key), document));
    if (byKey.has(key)) entries.set(key, { key: at, ...placesOf(pair.value) });
  }
  return {
    from: 'file',
    raw: Object.fromEntries(raw),
    folder: dirname(file),
    mistakes,
    where: (key, index) => {
      const entry = entries.get(key);
      const item = index === undefined ? undefined : entry?.items?.[index];
      return `${place(item ?? entry?.value ?? entry?.key)}: ${key}`;
    },
    origin: (key) => place(entries.get(key)?.key).replace(/:\d+$/, ''),
  };
}

function syntaxMistakes(document: Document.Parsed): [offset: number, rule: string][] {
  // The parser does not say which key is a duplicate; fileLayer does.
  const errors = document.errors.filter((error) => error.code !== 'DUPLICATE_KEY');
  const found = [...errors, ...document.warnings].map((error): [number, string] => [
    error.pos[0],
    error.message,
  ]);
  const root = document.contents as Node | null;
  if (found.length === 0 && root !== null && !isMap(root))
    found.push([root.range?.[0] ?? 0, 'must be a mapping of settings']);
  return found;
}

function pairsOf(document: Document.Parsed): readonly Pair<Node, Node | null>[] {
  return isMap(document.contents) ? (document.contents.items as Pair<Node, Node | null>[]) : [];
}

function placesOf(value: Node | null): Omit<Entry, 'key'> {
  const items = isSeq(value) ? value.items.map((item) => (item as Node | null)?.range?.[0]) : undefined;
  return { value: value?.range?.[0], items };
}

function resolved(node: Node | null, document: Document.Parsed): Node | undefined {
  const meant = isAlias(node) ? node.resolve(document) : node;
  const nothing = isScalar(meant) && meant.value === null && meant.source === '';
  return meant === null || nothing ? undefined : meant;
}

/** Kinds that YAML may parse as numbers. All others keep the text as written, such as `0123`. */
const NUMBERS: readonly Setting['kind'][] = ['int', 'switch', 'workers'];

function plain(node: Node | undefined, setting: Setting | undefined, document: Document.Parsed): unknown {
  if (isSeq(node))
    return node.items.map((item) => plain(resolved(item as Node, document), setting, document));
  if (node === undefined) return null;
  if (!isScalar(node)) return {};
  const asWritten =
    setting !== undefined && !NUMBERS.includes(setting.kind) && typeof node.value === 'number';
  return asWritten ? node.source : node.value;
}
