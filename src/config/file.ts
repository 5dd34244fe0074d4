import { dirname } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { Layer } from './layer.js';
import { SETTINGS, type Setting } from './settings.js';

const byKey: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((setting) => [setting.key, setting]));

/** Kinds whose value is a text: YAML's own idea of `0123` or `90` must not change what the user wrote. */
const NOT_TEXT: readonly Setting['kind'][] = ['int', 'switch', 'workers'];

/** Reads the text of a config file; nothing is thrown, mistakes stand in the layer with their place. */
export function fileLayer(file: string, text: string): Layer {
  const counter = new LineCounter();
  // Core 1.2: `1:30:00` is a text there, and `on`, `yes` and `no` are no booleans.
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    lineCounter: counter,
    prettyErrors: false,
  });
  const place = (offset: number | undefined) => {
    const { line, col } = counter.linePos(offset ?? 0);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  // The parser only says that keys must be unique; the loop below says which key.
  const errors = document.errors.filter((error) => error.code !== 'DUPLICATE_KEY');
  const mistakes = [...errors, ...document.warnings].map(
    (error) => `${place(error.pos[0])}: ${error.message}`,
  );
  const layer = (
    raw: Record<string, unknown>,
    found: string[],
    nodes: ReadonlyMap<string, Entry>,
  ): Layer => ({
    from: 'file',
    raw,
    folder: dirname(file),
    mistakes: found,
    where: (key, index) => {
      const entry = nodes.get(key);
      const item =
        index !== undefined && isSeq(entry?.value) ? (entry.value.items[index] as Node) : undefined;
      return `${place((item ?? entry?.value)?.range?.[0] ?? entry?.at)}: ${key}`;
    },
    origin: (key) => place(nodes.get(key)?.at).replace(/:\d+$/, ''),
  });

  if (errors.length > 0 || document.contents === null) return layer({}, mistakes, new Map());
  if (!isMap(document.contents)) {
    return layer(
      {},
      [...mistakes, `${place(document.contents.range?.[0])}: must be a mapping of settings`],
      new Map(),
    );
  }
  const raw = new Map<string, unknown>();
  const nodes = new Map<string, Entry>();
  for (const pair of document.contents.items as Pair<Node, Node | null>[]) {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const value = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    const at = pair.key.range?.[0] ?? 0;
    if (nodes.has(key)) mistakes.push(`${place(at)}: ${key}: stands here a second time`);
    nodes.set(key, { at, value: undefined });
    if (isAlias(pair.value) && value === undefined) {
      mistakes.push(`${place(pair.value.range?.[0])}: ${key}: there is no anchor of that name`);
      continue;
    }
    if (
      value === null ||
      value === undefined ||
      (isScalar(value) && value.value === null && value.source === '')
    ) {
      mistakes.push(`${place(at)}: ${key}: has no value; leave the key out, or write null for none`);
      continue;
    }
    if (byKey.has(key)) nodes.set(key, { at, value });
    raw.set(key, plain(value, byKey.get(key)));
  }
  return layer(Object.fromEntries(raw), mistakes, nodes);
}

interface Entry {
  /** Offset of the key. */
  at: number;
  value: Node | undefined;
}

function plain(node: Node, setting: Setting | undefined): unknown {
  if (isSeq(node)) return node.items.map((item) => plain(item as Node, setting));
  if (!isScalar(node)) return {};
  const asWritten =
    setting !== undefined && !NOT_TEXT.includes(setting.kind) && typeof node.value === 'number';
  return asWritten ? node.source : node.value;
}
