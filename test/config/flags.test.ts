import { expect, test } from 'vitest';
import { envName, longFlag, optionsFor } from '../../src/config/flags.js';
import { SETTINGS } from '../../src/config/settings.js';
import { suggestion } from '../../src/config/suggest.js';

const of = (key: string) => optionsFor('deploy').find((flag) => flag.key === key);

test('names follow the key', () => {
  expect(longFlag('cpusPerTask')).toBe('--cpus-per-task');
  expect(envName('cpusPerTask')).toBe('SANDBOXCTL_CPUS_PER_TASK');
});

test('a flag says its default and its variable', () => {
  expect(of('time')?.flags).toBe('-t, --time <limit>');
  expect(of('port')).toMatchObject({
    flags: '--port <port>',
    about: 'first port to try (default: 8080) (env: SANDBOXCTL_PORT)',
    repeatable: false,
  });
  expect(of('env')).toMatchObject({ flags: '--env <key[=value]>', repeatable: true });
  expect(of('env')?.about).not.toContain('default');
  expect(of('runtime')?.choices).toEqual(['auto', 'pyxis', 'enroot', 'checkout', 'embedded']);
});

test('a switch that is on by default can be negated, any other not', () => {
  expect(of('wait')).toMatchObject({ flags: '--wait', negation: '--no-wait' });
  expect(of('dryRun')).toMatchObject({ flags: '--dry-run' });
  expect(of('dryRun')).not.toHaveProperty('negation');
});

test('a command gets its own flags alone, and no two share a name', () => {
  const keys = optionsFor('import-image').map((flag) => flag.key);
  expect(keys).toEqual(expect.arrayContaining(['partition', 'on', 'imageDir']));
  expect(keys).not.toContain('nodes');
  expect(optionsFor('nothing')).toEqual([]);
  for (const command of ['deploy', 'import-image']) {
    const names = optionsFor(command).flatMap((flag) => flag.flags.split(' ')[0] ?? []);
    expect(new Set(names).size).toBe(names.length);
  }
});

test('no key starts with no: its flag would read as the negation of another', () => {
  expect(SETTINGS.filter(({ key }) => /^no[A-Z]/.test(key))).toEqual([]);
});

test.each([
  ['nods', 'nodes'],
  ['cpus_per_task', 'cpusPerTask'],
  ['Partition', 'partition'],
  ['min-redy', 'minReady'],
  ['nodse', 'nodes'],
])('%s means %s', (word, meant) => {
  const keys = SETTINGS.map(({ key }) => key);
  expect(suggestion(word, keys)).toBe(` (did you mean ${meant}?)`);
});
