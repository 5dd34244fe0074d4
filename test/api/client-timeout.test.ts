import { expect, test } from 'vitest';
import { clientTimeoutSeconds, type Headers, longestRunSeconds } from '../../src/api/client-timeout.js';
import { LANGUAGES } from '../../src/api/languages.js';
import { parseRequest, type RunRequest } from '../../src/api/request.js';
import { RECIPES } from '../../src/sandbox/languages/languages.js';

function parsed(body: object): RunRequest {
  const result = parseRequest(Buffer.from(JSON.stringify(body)), 'application/json');
  if (!result.ok) throw new Error(JSON.stringify(result.detail));
  return result.request;
}

const PROGRAM = { code: 'print(1)', language: 'python' };
const REQUESTS = { accept: '*/*', 'user-agent': 'python-requests/2.32.3' };
const AIOHTTP = { accept: '*/*', 'user-agent': 'Python/3.11 aiohttp/3.9.5' };
/** All keys of the SDK's model. */
const SDK = {
  ...PROGRAM,
  ...{ compile_timeout: 10, run_timeout: 8, memory_limit_MB: -1, stdin: null, files: {}, fetch_files: [] },
};

test.each<[client: string, body: object, headers: Headers, seconds: number]>([
  ['Reasoning360', { ...PROGRAM, stdin: '1', run_timeout: 5 }, REQUESTS, 7],
  ['SR2AM', { ...PROGRAM, stdin: null, run_timeout: 5 }, AIOHTTP, 7],
  ['verl', SDK, { ...REQUESTS, accept: 'application/json' }, 28],
  ['ScaleBox in place of SandboxFusion, called by verl', SDK, { accept: 'application/json' }, 28],
  ['the SDK', SDK, REQUESTS, Number.POSITIVE_INFINITY],
  ['the asynchronous SDK', SDK, AIOHTTP, 300],
  ['tinker-cookbook', { ...PROGRAM, run_timeout: 5, files: { 'in.txt': 'MQ==' } }, AIOHTTP, 6000],
  ['ROLL', { ...SDK, run_timeout: 30, expected_stdout: '1' }, { ...AIOHTTP, 'eagleeye-traceid': 'x' }, 30],
  ['ROLL without its key', { ...SDK, run_timeout: 30 }, { ...REQUESTS, 'eagleeye-traceid': 'x' }, 30],
  ['WebWatcher', PROGRAM, REQUESTS, 12],
  ['SkyRL-agent', { ...PROGRAM, run_timeout: 6 }, AIOHTTP, 8],
  ['curl', { ...PROGRAM, run_timeout: 6 }, { accept: '*/*', 'user-agent': 'curl/8.5.0' }, 8],
  ['a client that says it', SDK, { ...REQUESTS, 'x-sandboxctl-patience': '2.5' }, 2.5],
  ['a header that says nothing', { ...PROGRAM, run_timeout: 6 }, { 'x-sandboxctl-patience': 'long' }, 8],
  ['a header of nothing', { ...PROGRAM, run_timeout: 6 }, { 'x-sandboxctl-patience': '0' }, 8],
])('how long %s waits', (_client, body, headers, seconds) => {
  expect(clientTimeoutSeconds(parsed(body), headers)).toBe(seconds);
});

test('the compile timeout counts only where something is compiled', () => {
  const seconds = (language: string) => longestRunSeconds(parsed({ ...SDK, language }));
  expect([seconds('python'), seconds('cpp')]).toEqual([8, 18]);
  for (const language of LANGUAGES) {
    const recipe = RECIPES[language];
    if (recipe !== undefined)
      expect([language, seconds(language)]).toEqual([language, recipe.compile ? 18 : 8]);
  }
});
