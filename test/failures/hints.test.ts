import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { GLOBAL_OPTIONS } from '../../src/cli/verb.js';
import { VERBS } from '../../src/cli/verbs.js';
import { optionsFor } from '../../src/config/flags.js';
import { SETTINGS } from '../../src/config/settings.js';
import type { FailureRule } from '../../src/failures/rule.js';
import { CHECKOUT_RULES } from '../../src/failures/rules/checkout.js';
import { FAILURE_RULES } from '../../src/failures/rules/index.js';

const FLAGS = new Set(
  [
    ...GLOBAL_OPTIONS.map(([flags]) => flags),
    ...VERBS.flatMap((verb) => [
      ...optionsFor(verb.name).flatMap(({ flags, negation = '' }) => [flags, negation]),
      ...(verb.options ?? []).map(([flags]) => flags),
    ]),
  ].flatMap((flags) =>
    [...flags.matchAll(/--(?:\[no-\])?[a-z-]+/g)].map(([flag]) => flag.replace('[no-]', '')),
  ),
);
/** Options of srun, which a template or a line of a tool may name. */
const THEIRS = /^--(container-[a-z]+|no-exclusive|deadline)$/;

const hints = FAILURE_RULES.flatMap(({ hint, fromCheckout }) => [hint, fromCheckout?.hint ?? []].flat());

describe.each([
  ['the hints', async () => hints.join('\n')],
  [
    'docs/troubleshooting.md',
    () => readFile(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8'),
  ],
])('%s name', (_what, read) => {
  it('only commands that are there', async () => {
    const named = [...(await read()).matchAll(/(?:'|`|^)sandboxctl (?:-v )?([a-z][a-z-]*)/gm)].map(
      ([, verb]) => verb,
    );
    const verbs = new Set(VERBS.map(({ name }) => name.split(' ')[0]));
    expect(named.filter((verb) => !verbs.has(verb ?? ''))).toEqual([]);
    expect(named.length).toBeGreaterThan(5);
  });

  it('only flags that are there', async () => {
    const named = [...(await read()).matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);
    expect(named.filter((flag) => !FLAGS.has(flag) && !THEIRS.test(flag))).toEqual([]);
  });

  it('only config keys that are there', async () => {
    const named = [...(await read()).matchAll(/config keys? `?(\w+)`?(?: and `?(\w+)`?)?/g)].flatMap(
      ([, first, second]) => (second === undefined ? [first] : [first, second]),
    );
    const keys = new Set<string | undefined>(SETTINGS.map(({ key }) => key));
    expect(named.filter((key) => !keys.has(key))).toEqual([]);
  });
});

it('each hint says what to do', () => {
  const acts =
    /--[a-z]|'sandboxctl |config keys? |SANDBOXCTL_|ENROOT_|administrators|registryMirror|_proxy|SSL_CERT_FILE|\{setting\}|\{flag\}|sandboxctl [a-z-]/;
  expect(hints.filter((hint) => !acts.test(hint))).toEqual([]);
});

it("the page quotes the catalogue's causes word for word, and all those of a checkout", async () => {
  const page = await readFile(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const tables = [...page.matchAll(/^\| cause that `deploy` reports \|.*\n\|-.*\n((?:\|.*\n)+)/gm)];
  const quoted = tables.flatMap(([, rows = '']) =>
    [...rows.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => cell.split(/(?<=`), /)),
  );
  const quotes = (rules: readonly FailureRule[]) =>
    rules.flatMap(({ cause, fromCheckout }) =>
      [cause, fromCheckout?.cause ?? []].flat().map((text) => `\`${text.replaceAll(/\{\w+\}/g, '...')}\``),
    );
  expect(tables.length).toBe(2);
  const known = quotes(FAILURE_RULES);
  expect(quoted.filter((text) => !known.includes(text))).toEqual([]);
  expect(quotes(CHECKOUT_RULES).filter((text) => !quoted.includes(text))).toEqual([]);
});

it('the page links to its own headings', async () => {
  const page = await readFile(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const anchors = [...page.matchAll(/^## (.*)$/gm)].map(
    ([, title]) =>
      `#${title
        ?.toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-')}`,
  );
  const links = [...page.matchAll(/\]\((#[^)]*)\)/g)].map(([, link]) => link);
  expect(links.filter((link) => !anchors.includes(link ?? ''))).toEqual([]);
});
