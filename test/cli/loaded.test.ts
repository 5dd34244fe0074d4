import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fleet as endpointsOf } from '../endpoints/samples.js';
import { cli, ended, start } from './run.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-loaded-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** The files that one run loads, by the coverage that Node itself writes. */
async function loaded(name: string, env: Record<string, string>, ...args: string[]): Promise<string[]> {
  const coverage = join(folder, name);
  const { code } = await ended(
    start(cli(...args), { env: { ...env, NODE_V8_COVERAGE: coverage, HOME: folder } }),
  );
  expect(code).toBe(0);
  const [file = ''] = await readdir(coverage);
  const { result } = JSON.parse(await readFile(join(coverage, file), 'utf8')) as {
    result: { url: string }[];
  };
  return result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
}

it('--version loads one file', async () => {
  expect(await loaded('version', {}, '--version')).toHaveLength(BIN_AND_ONE);
});

it('help loads neither what runs tools nor what reads configuration', async () => {
  expect((await loaded('help', {}, '--help')).filter((url) => HEAVY.test(url))).toEqual([]);
});

it('endpoints loads little: it may run in a loop on a slow home folder', async () => {
  const state = join(folder, 'state');
  const fleet = join(state, 'fleets', 'sandbox');
  await mkdir(fleet, { recursive: true });
  await writeFile(join(fleet, 'endpoints.json'), JSON.stringify(endpointsOf([])));
  const env = { SANDBOXCTL_STATE_DIR: state };
  expect(await loaded('endpoints', env, 'endpoints')).toHaveLength(BIN_AND_ONE);
  const parsed = await loaded('endpoints-all', env, 'endpoints', '--all');
  expect(parsed.filter((url) => HEAVY.test(url))).toEqual([]);
  expect(parsed.length, parsed.join('\n')).toBeLessThanOrEqual(MOST_FILES + PARSER_FILES);
});

it('completion loads little: it runs at every press of Tab', async () => {
  const words = ['completion', 'words', '--', 'deploy', '--runtime', ''];
  const files = await loaded('completion', {}, ...words);
  expect(files.filter((url) => HEAVY.test(url))).toEqual([]);
  expect(files.length, files.join('\n')).toBeLessThanOrEqual(MOST_FILES + PARSER_FILES + TABLE_FILES);
});

const HEAVY = /node_modules\/|vendor\/(execa|ora|handlebars|zod|yaml|undici|chalk)\.js/;
const BIN_AND_ONE = 2;
const MOST_FILES = 18;
/** Every flag's table is read to offer it. */
const TABLE_FILES = 14;
/** commander, and the tables of commands. */
const PARSER_FILES = 9;
