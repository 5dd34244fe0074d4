import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSpecLine } from '../../src/fleet/spec.js';
import { bashQuote } from '../../src/text/quote.js';
import { items, JOB_ENV, runHead } from './bash.js';
import { anyText, folderName, NASTY, oneLine } from './nasty.js';
import { ARRAY, FAR, PATHS, PLAIN, render, specOf } from './specs.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandboxctl-values-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Folders that the script asks for, below one of any name. */
function placeNamed(name: string) {
  const state = mkdtempSync(join(folder, 'state-'));
  const paths = {
    ...PATHS,
    registrations: join(state, name, 'registrations'),
    submission: join(state, name, 'submission'),
    environment: join(state, name, 'environment.sh'),
    program: join(state, name, 'sandboxctl.js'),
    nodejs: process.execPath,
  };
  mkdirSync(paths.registrations, { recursive: true });
  mkdirSync(paths.submission);
  return paths;
}

const environmentOf = (text: string): Map<string, string> =>
  new Map(items(text).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

/** `env -i` with what the server is told, by bash, as it is inside the container. */
const PRINT_ENVIRONMENT = `env -i PATH="$PATH" bash -c 'eval "$1"; exec env -0' launch "$(setup)" </dev/null >"$ANSWERS"`;

test('every value arrives in the script as it is', () => {
  fc.assert(
    fc.property(folderName, oneLine, oneLine, (state, image, mount) => {
      const paths = placeNamed(state);
      const mounts = [`/${mount}:/in`, '/data:/data'];
      const script = render({ job: { image: { path: `/${image}`, sha256: 'x' }, mounts } }, { paths });
      const answers = runHead(
        script,
        `srun() { printf '%s\\0' "$@" >>"$ANSWERS"; }
         printf '%s\\0' "$IMAGE" "$REGISTRATIONS" "$FLEET" "$SUBMISSION" >"$ANSWERS"
         start_server; wait "$SERVER"`,
      );
      const [inImage, registrations, fleet, submission, ...srun] = items(answers);
      expect([inImage, registrations]).toEqual([`/${image}`, paths.registrations]);
      expect([fleet, submission]).toEqual(['sandbox', ARRAY.id]);
      expect(srun).toContain(`--container-image=/${image}`);
      expect(srun).toContain(`--container-mounts=${mounts.join(',')}`);
    }),
    { numRuns: 40 },
  );
});

test('an endpoint host that the node lacks is named as it was given', { tags: 'matrix' }, () => {
  const paths = placeNamed('x');
  fc.assert(
    fc.property(oneLine, (device) => {
      const endpointHost = `interface:?${device}`;
      const host = endpointHost.replaceAll(/[\\"]/g, '\\$&').replaceAll(/\p{Cc}/gu, ' ');
      const words = ` host="${host}"\n`;
      expect(() => runHead(render({ job: { endpointHost } }, { paths }), '')).toThrow(words);
    }),
    { numRuns: 20 },
  );
});

test('every value of --env arrives in the server as it is, from the script and from the file', {
  tags: 'matrix',
}, () => {
  fc.assert(
    fc.property(anyText, anyText, folderName, (told, secret, state) => {
      const paths = placeNamed(state);
      writeFileSync(paths.environment, `export SECRET=${bashQuote(secret)}\n`);
      const env = [
        { key: 'TOLD', value: told },
        { key: 'SECRET', secret: '01234567' },
      ];
      const script = render({ job: { env } }, { paths });
      expect(script).not.toContain('\r');
      const environment = environmentOf(runHead(script, PRINT_ENVIRONMENT));
      expect(environment.get('TOLD')).toBe(told);
      expect(environment.get('SECRET')).toBe(secret);
    }),
    { numRuns: 60, examples: NASTY.map((text) => [text, text, 'xplain']) },
  );
});

test('the server is told where to listen and who it is, and nothing else', () => {
  const environment = environmentOf(runHead(render({}, { paths: placeNamed('x') }), PRINT_ENVIRONMENT));
  environment.delete('PATH');
  environment.delete('PWD');
  environment.delete('_');
  expect(Object.fromEntries(environment)).toEqual({
    HOST: '0.0.0.0',
    PORT: '0',
    WEB_CONCURRENCY: '32',
    SANDBOXCTL_JOB_NONCE: expect.stringMatching(/^[0-9a-f-]{36}$/),
    SHLVL: '2',
  });
});

test("the caller's tokens are gone before anything starts", () => {
  const env = { ...JOB_ENV, SLURM_JWT: 'x', SANDBOXCTL_TOKEN: 'y' };
  const script = render({}, { paths: placeNamed('x') });
  expect(runHead(script, 'env | grep -E "JWT|TOKEN" >"$ANSWERS"; true', env)).toBe('');
});

test.each([
  ['1', 'auto', '1'],
  ['5', 'auto', '1'],
  ['6', 'auto', '2'],
  ['64', 'auto', '21'],
  ['96', 'auto', '32'],
  ['96', 1, '1'],
  ['2', 40, '40'],
] as const)('on %s CPUs, --workers %s starts %s', (cpus, workers, started) => {
  const script = render({ job: { workers } }, { paths: placeNamed('x') });
  const env = { ...JOB_ENV, SLURM_CPUS_ON_NODE: cpus };
  expect(environmentOf(runHead(script, PRINT_ENVIRONMENT, env)).get('WEB_CONCURRENCY')).toBe(started);
});

const { SLURM_ARRAY_JOB_ID: _, SLURM_ARRAY_TASK_ID: __, ...PLAIN_ENV } = JOB_ENV;

test.each([
  ['an array', ARRAY, JOB_ENV, '1004_3', '3'],
  ['an array with an offset', FAR, { ...JOB_ENV, SLURM_ARRAY_TASK_ID: '1' }, '1004_1', '1002'],
  ['a plain job', PLAIN, PLAIN_ENV, '1008', '2'],
])('in %s the script knows its job and its instance', (_what, submission, env, job, instance) => {
  const script = render({}, { submission, paths: placeNamed('x') });
  const told = runHead(script, `printf '%s\\0' "$JOB_ID" "$INSTANCE" "$NODE" >"$ANSWERS"`, env);
  expect(items(told)).toEqual([job, instance, 'node4']);
});

test('the spec stands in every script, in one line that gives it back', { tags: 'matrix' }, () => {
  fc.assert(
    fc.property(anyText, anyText, oneLine, (value, path, constraint) => {
      const changes = {
        output: `/${oneLineOf(path)}/%j.log`,
        job: {
          env: [{ key: 'A', value }],
          image: { path: `/${path}`, sha256: 'x' },
          slurm: { constraint, args: [`--wckey=${constraint}`] },
        },
      };
      for (const submission of [ARRAY, PLAIN, FAR]) {
        expect(parseSpecLine(render(changes, { submission }))).toEqual({
          spec: specOf(changes),
          submission: { id: submission.id, offset: submission.offset },
        });
      }
    }),
    { numRuns: 300 },
  );
});

/** What the folder of a log may hold, a % as Slurm wants it there. */
const oneLineOf = (text: string): string => text.replace(/[\p{Cc}\\]/gu, '').replaceAll('%', '%%');
