import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeOf } from '../../src/failures/job-cause.js';
import { CHECKOUT_RULES } from '../../src/failures/rules/checkout.js';
import { SCRIPT_RULES } from '../../src/failures/rules/script.js';
import { parseScriptLine } from '../../src/failures/script-line.js';
import { about, failed } from './recorded-ends.js';
import { START } from './recorded-logs/recorded-log.js';

const templates = new URL('../../templates/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, templates), 'utf8');

/** The functions of a script from the one called `first` to the end of the one called `last`. */
function functions(script: string, first: string, last: string): string {
  const from = script.indexOf(`${first}() {`);
  const to = script.indexOf('\n}\n', script.indexOf(`${last}() {`)) + 3;
  return script.slice(from, to);
}

const value = fc.string({ unit: fc.constantFrom(...'a "\\=\'$`%é\t:') });

describe('a line that a script reports', () => {
  it.each([
    ['a job', 'bash', read('parts/fail.hbs'), 'fail 1 some-rule', 'failed some-rule'],
    ['an import', 'sh', functions(read('import-image.sh'), 'say', 'say'), 'say some-fact', 'some-fact'],
  ])('is parsed with all values as %s was given them', (_what, shell, code, command, event) => {
    fc.assert(
      fc.property(value, value, (first, second) => {
        const script = `${code}\n(${command} one "$1" two "$2") 2>&1 || :`;
        const line = execFileSync(shell, ['-c', script, shell, first, second], { encoding: 'utf8' });
        const plain = (text: string) => text.replaceAll('\t', ' ');
        expect(parseScriptLine(line)).toEqual({ event, values: { one: plain(first), two: plain(second) } });
      }),
      { numRuns: 20 },
    );
  });

  it.each(['sandboxctl: ready on node1:8080', 'sandboxctl: failed x path=y', 'failed x path="y"', 'x'])(
    'is not %s',
    (line) => {
      expect(parseScriptLine(line)).toBeUndefined();
    },
  );

  it('names rules of the catalogue, and each of them is named', () => {
    const code = readdirSync(templates, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hbs'))
      .map(read)
      .join('\n');
    const named = [...code.matchAll(/\b(?:fail \d+|lack) ([a-z]+(?:-[a-z]+)+)/g)].map(([, id]) => id);
    const ids = [...SCRIPT_RULES, ...CHECKOUT_RULES].map(({ id }) => id);
    expect([...new Set(named)].toSorted()).toEqual(ids.toSorted());
  });

  it('gives the cause and its values, whatever else is in the log', () => {
    const line = 'sandboxctl: failed checkout-not-writable node="node7" path="/a \\"b\\"/docs"';
    const lines = [START, "ModuleNotFoundError: No module named 'x'", line];
    expect(causeOf(failed('72:0'), lines, about)).toMatchObject({
      id: 'checkout-not-writable',
      cause: 'the file /a "b"/docs, which the checkout lacks, cannot be written on node node7',
      words: line,
    });
  });

  it('is no evidence once the server was ready, since programs can print it too', () => {
    const lines = [START, 'sandboxctl: ready on node1:8080', 'sandboxctl: failed no-enroot node="n" path=""'];
    expect(causeOf(failed('1:0'), lines, about).id).toBe('server-exit-code');
  });
});
