import Handlebars from 'handlebars';

/** Blocks that change what a bare name means; inside them only `this`, `@...` and `../` are certain. */
const SCOPED = new Set(['each', 'with']);

/**
 * Throws for a name that no value has. Handlebars' own strict mode stays silent about a misspelt
 * `{{#if name}}` and would drop the block.
 */
export function checkNames(text: string, values: Readonly<Record<string, unknown>>): void {
  visit(Handlebars.parse(text), values);
}

function visit(node: unknown, values: Readonly<Record<string, unknown>>): void {
  if (Array.isArray(node)) {
    for (const inner of node) visit(inner, values);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  if (isPath(node)) check(node, values);
  const scoped = isBlock(node) && SCOPED.has(node.path.original);
  for (const [key, inner] of Object.entries(node)) {
    if (key === 'loc' || isPartialName(node, key) || (key === 'path' && isHelper(node))) continue;
    if (!(scoped && key === 'program')) visit(inner, values);
  }
}

function check(path: hbs.AST.PathExpression, values: Readonly<Record<string, unknown>>): void {
  const [first] = path.parts;
  if (path.data || path.depth > 0 || first === undefined || first in values) return;
  throw new Error(
    `"${path.original}" is no value of a template - ${path.loc.start.line}:${path.loc.start.column}`,
  );
}

function isPath(node: object): node is hbs.AST.PathExpression {
  return 'type' in node && node.type === 'PathExpression';
}

function isBlock(node: object): node is hbs.AST.BlockStatement {
  return 'type' in node && node.type === 'BlockStatement';
}

function isPartialName(node: object, key: string): boolean {
  return key === 'name' && 'type' in node && String(node.type).startsWith('Partial');
}

/** `{{#if x}}`: `if` is a helper, no value. A name without parameters is a value. */
function isHelper(node: object): boolean {
  return 'params' in node && Array.isArray(node.params) && node.params.length > 0;
}
