import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileLayer } from '../../src/config/file.js';
import { checkValues } from '../../src/config/schema.js';
import { SETTINGS } from '../../src/config/settings.js';
import { SandboxctlError } from '../../src/errors.js';
import { workspace } from './workspace.js';

const key = fc.constantFrom(...SETTINGS.map((setting) => setting.key), 'nods', '__proto__', '1');
const scrap = fc.constantFrom(
  '[',
  ']',
  '{',
  '}',
  ': ',
  '- ',
  '&a ',
  '*a',
  '!x ',
  '"',
  "'",
  '|',
  '#',
  '\t',
  '~',
  '<<',
);
const line = fc.tuple(key, fc.array(fc.oneof(scrap, fc.string({ maxLength: 6 })), { maxLength: 4 }));
const yaml = fc
  .array(line, { maxLength: 5 })
  .map((lines) => lines.map(([k, v]) => `${k}: ${v.join('')}`).join('\n'));

test('any text is read to the end, and each mistake has its place', () => {
  fc.assert(
    fc.property(yaml, (text) => {
      const layer = fileLayer('/f.yaml', text);
      for (const mistake of layer.mistakes) expect(mistake).toMatch(/^\/f\.yaml:\d+:\d+: /);
      for (const issue of checkValues(layer.raw).issues) {
        expect(layer.where(issue.key, issue.index)).toMatch(/^\/f\.yaml:\d+:\d+: /);
      }
    }),
    { numRuns: 500 },
  );
});

test('any flags and variables are taken or refused, never a crash', async () => {
  const places = workspace();
  const value = fc.oneof(fc.string(), fc.boolean(), fc.array(fc.string()), fc.nat().map(String));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value), fc.dictionary(key, fc.string()), async (flags, variables) => {
      const env = Object.fromEntries(
        Object.entries(variables).map(([name, text]) => [`SANDBOXCTL_${name.toUpperCase()}`, text]),
      );
      const error = await places.load({ flags, env }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) expect(error).toBeInstanceOf(SandboxctlError);
    }),
    { numRuns: 300 },
  );
});
