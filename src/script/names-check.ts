import Handlebars from '../vendor/handlebars.js';

export interface Known {
  items?: Readonly<Record<string, readonly string[]>>;
  helpers?: readonly string[];
  partials?: readonly string[];
}

/** Blocks that change what a bare name means. */
const SCOPED = ['each', 'with'];
const DATA = ['root', 'index', 'key', 'first', 'last'];

interface Scope {
  names: ReadonlySet<string> | null;
  locals: ReadonlySet<string>;
  outer: Scope | null;
}

/**
 * Throws for an unknown name, with ` - LINE:COLUMN`. Handlebars' strict mode misses a misspelt `{{#if name}}`, an
 * empty `{{#each}}` and a branch not taken.
 */
export function checkNames(text: string, values: Readonly<Record<string, unknown>>, known: Known = {}): void {
  const root: Scope = { names: new Set(Object.keys(values)), locals: new Set(), outer: null };
  visit(Handlebars.parse(text), root, known);
}

function visit(node: unknown, scope: Scope, known: Known): void {
  if (Array.isArray(node)) {
    for (const inner of node) visit(inner, scope, known);
  } else if (isNode(node)) visitNode(node, scope, known);
}

function visitNode(node: hbs.AST.Node, scope: Scope, known: Known): void {
  if (node.type.startsWith('Decorator')) {
    throw mistake(node, 'decorators and inline partials are not supported');
  }
  if (is<hbs.AST.PathExpression>(node, 'PathExpression')) checkPath(node, scope);
  else if (is<hbs.AST.BlockStatement>(node, 'BlockStatement')) visitBlock(node, scope, known);
  else visitParts(node, scope, known);
}

function visitParts(node: hbs.AST.Node, scope: Scope, known: Known): void {
  for (const [key, inner] of Object.entries(node)) {
    if (key === 'loc') continue;
    if (key === 'path' && takesParameters(node)) checkWord(inner, known.helpers, 'helper');
    else if (key === 'name' && node.type.startsWith('Partial')) checkWord(inner, known.partials, 'partial');
    else visit(inner, scope, known);
  }
}

function visitBlock(node: hbs.AST.BlockStatement, scope: Scope, known: Known): void {
  if (node.params.length > 0) checkWord(node.path, known.helpers, 'helper');
  else visit(node.path, scope, known);
  visit([node.params, node.hash, node.inverse], scope, known);
  const scoped = node.params.length === 0 || SCOPED.includes(node.path.original);
  visit(node.program, scoped ? inside(node, scope, known) : scope, known);
}

function inside(node: hbs.AST.BlockStatement, outer: Scope, known: Known): Scope {
  const over = node.params[0] ?? node.path;
  const fields = is<hbs.AST.PathExpression>(over, 'PathExpression')
    ? known.items?.[over.original]
    : undefined;
  return { names: fields ? new Set(fields) : null, locals: new Set(node.program.blockParams), outer };
}

function checkPath(path: hbs.AST.PathExpression, scope: Scope): void {
  const [first] = path.parts;
  if (first === undefined) return;
  if (path.data) {
    if (!DATA.includes(first)) throw mistake(path, `"${path.original}" is no value of a template`);
    return;
  }
  if (path.depth === 0 && isLocal(first, scope)) return;
  let level: Scope | null = scope;
  for (let up = path.depth; up > 0; up--) level = level?.outer ?? null;
  if (level === null || level.names?.has(first) === false) {
    throw mistake(path, `"${path.original}" is no value of a template`);
  }
}

function isLocal(name: string, scope: Scope | null): boolean {
  return scope !== null && (scope.locals.has(name) || isLocal(name, scope.outer));
}

function checkWord(node: unknown, words: readonly string[] | undefined, what: string): void {
  if (words === undefined || !isNode(node) || !is<hbs.AST.PathExpression>(node, 'PathExpression')) return;
  if (!words.includes(node.original)) throw mistake(node, `"${node.original}" is no ${what} of a template`);
}

/** `{{lookup x "y"}}`: `lookup` is a helper, no value. A name without parameters is a value. */
function takesParameters(node: object): boolean {
  return 'params' in node && Array.isArray(node.params) && node.params.length > 0;
}

function mistake({ loc }: hbs.AST.Node, what: string): Error {
  return new Error(`${what} - ${loc.start.line}:${loc.start.column}`);
}

function isNode(node: unknown): node is hbs.AST.Node {
  return node !== null && typeof node === 'object' && 'type' in node && typeof node.type === 'string';
}

function is<T extends hbs.AST.Node>(node: hbs.AST.Node, type: T['type']): node is T {
  return node.type === type;
}
