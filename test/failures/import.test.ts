import { describe, expect, it } from 'vitest';
import { newFacts } from '../../src/failures/import/facts.js';
import { explainFailure } from '../../src/failures/import/index.js';
import { explain, NAMES, RECORDED_IMPORTS } from './recorded-imports.js';

describe('every recorded failure has an error of its own', () => {
  it.each(RECORDED_IMPORTS)('%s', (_, kind, what, code, ...lines) => {
    const error = explain(code, ...lines);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(what);
    expect(error.message).not.toContain('\n');
    expect(error.hint).toMatch(/sandboxctl|ENROOT_|--arch|registryMirror|imageDir|curl|proxy|SSL_CERT_FILE/);
    expect(error.hint).not.toMatch(/HOST|MACHINE/);
  });

  it.each(RECORDED_IMPORTS.filter(([name]) => !/^no (room|cache|enroot)/.test(name)))(
    "%s: the tool's own words, verbatim",
    (_, _kind, _what, code, ...lines) => {
      const words = explain(code, ...lines).detail ?? '';
      expect(lines.map((line) => line.trim())).toContain(words);
    },
  );

  it('says how much room is missing', () => {
    expect(
      explain(110, 'sandboxctl: no-space role="cache" free_kib="1024" need_kib="204800" folder="/home/a b"')
        .detail,
    ).toBe('1 MiB free, about 200 MiB needed');
  });

  it('shows the last lines where no row knows the cause', () => {
    expect(explain(3, 'one', 'two').tail).toEqual(['one', 'two']);
  });
});

it('a registry on a port of its own has it once in every hint', () => {
  const names = { ...NAMES, host: 'registry.example:5000' };
  for (const line of ['curl: (35) wrong version number', 'URL x returned error code: 401 Unauthorized']) {
    const { hint } = explainFailure({ code: 1, signal: null, lines: [line], facts: newFacts() }, names);
    expect(hint).toMatch(/registry\.example:5000(?!:)/);
    expect(hint).not.toMatch(/PORT|5000:/);
  }
});
