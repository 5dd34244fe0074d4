import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, type Ended, ended, onTerminal, start } from '../../cli/run.js';
import { startUpstream, type Upstream } from '../../gateway/stubs/upstream.js';
import { inParts } from '../../support/parts.js';
import { until } from '../../support/until.js';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());

const exec = (...words: string[]) => cli('exec', '--endpoint', upstream.url, ...words);
const run = (...words: string[]): Promise<Ended> => ended(start(exec(...words)));
const sh = (script: string) => run('--', 'sh', '-c', script);

test('exec sets the variables of every known client, and exits with the code of its command', async () => {
  const names =
    'SANDBOX_FUSION_SERVERS SANDBOX_FUSION_ENDPOINT SANDBOX_URL SANDBOX_FUSION_URL CODE_SANDBOX_SERVERS NO_PROXY no_proxy';
  const { code, stdout } = await sh(`for name in ${names}; do eval "echo \\$$name"; done
    curl -s "$SANDBOX_URL" -d '{"language": "python", "code": "print(\\"from curl\\")"}'
    curl -s "http://$SANDBOX_FUSION_SERVERS:8080/run_code" -d '{"language": "python", "code": "exit(3)"}'
    curl -s "$SANDBOX_FUSION_URL/run_code" -d '{"language": "python", "code": "exit(4)"}'
    exit 7`);
  expect(code).toBe(7);
  const [servers = '', endpoint = '', url, verl, sr2am, ...rest] = stdout.split('\n');
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const port = endpoint.split(':').at(-1);
  expect(servers).toBe(port === '8080' ? '127.0.0.1' : `127.0.0.1:${port}/run_code?x=`);
  expect(sr2am).toBe(servers);
  expect([url, verl]).toEqual([`${endpoint}/run_code`, `${endpoint}/run_code`]);
  expect(rest.slice(0, 2)).toEqual(['127.0.0.1,localhost', '127.0.0.1,localhost']);
  expect(rest.join('')).toMatch(/"from curl\\n".*"return_code":3.*"return_code":4/);
});

test('exec takes another port if 8080 is taken, and Reasoning360’s client still finds it', async () => {
  // Another test's server may have it, and give it back while we look.
  const taken = await until('port 8080', () => {
    const server = createServer();
    return new Promise<Server | false>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(8080, '127.0.0.1', () => resolve(server));
    });
  });
  const { stdout } = await sh('echo "$SANDBOX_FUSION_SERVERS"');
  taken.close();
  expect(stdout).toMatch(/^127\.0\.0\.1:\d+\/run_code\?x=\n$/);
  expect(stdout).not.toContain(':8080');
});

for (const { rows, tags } of inParts<[NodeJS.Signals, string]>(
  [
    ['SIGTERM', 'term'],
    ['SIGHUP', 'hup'],
    ['SIGUSR1', 'usr1'],
    ['SIGINT', 'int'],
  ],
  1,
))
  test.each(rows)(
    'exec passes %s on to its command, and waits for its end',
    { tags },
    async (signal, word) => {
      const traps = `trap 'sleep 0.2; echo ${word}; exit 9' ${signal.slice(3)}`;
      const child = start(exec('--', 'sh', '-c', `${traps}; echo up; while :; do sleep 0.05; done`));
      let out = '';
      child.stdout?.on('data', (chunk) => {
        out += String(chunk);
        if (out === 'up\n') child.kill(signal);
      });
      const { code } = await ended(child);
      expect([code, out]).toEqual([9, `up\n${word}\n`]);
    },
  );

test('Ctrl-C on a terminal reaches the command of exec exactly once', async () => {
  const script = "trap 'echo int' INT; echo up; for i in 1 2 3 4 5 6 7 8; do sleep 0.1; done; exit 5";
  const { stdout, code } = await onTerminal(exec('--', 'sh', '-c', script), { waitFor: 'up', send: '\\x03' });
  expect(code).toBe(5);
  expect(stdout.match(/^int/gm)).toHaveLength(1);
});

test('exec exits with 137 for a killed command, and with 124 at --timeout', async () => {
  expect((await sh('kill -KILL $$')).code).toBe(137);
  const slow = await run('--timeout', '1', '--', 'sleep', '60');
  expect(slow.code).toBe(124);
  expect(slow.stderr).toContain('sandboxctl exec: command killed: it ran longer than 1 (--timeout)\n');
});

for (const { rows, tags } of inParts<[string, string[], string]>(
  [
    ['no command', ['exec'], "missing required argument 'command'"],
    [
      'one that is not there',
      ['exec', '--', 'no-such-command'],
      'no-such-command was not found on this machine',
    ],
    ['an odd duration', ['exec', '--wait', 'long', '--', 'true'], '--wait takes seconds or a duration'],
    [
      'no server in time',
      ['exec', '--wait', '1', '--endpoint', 'http://127.0.0.1:1', '--', 'true'],
      'no server is ready after 1 s',
    ],
    [
      'no such fleet',
      ['exec', '--fleet', 'none-such', '--', 'true'],
      "nothing is deployed under the name 'none-such'",
    ],
  ],
  2,
))
  test.each(rows)('exec exits with 125 when its own part fails: %s', { tags }, async (what, words, said) => {
    const argv = what === 'one that is not there' ? exec(...words.slice(1)) : cli(...words);
    const { code, stderr, stdout } = await ended(start(argv));
    expect([code, stdout]).toEqual([125, '']);
    expect(stderr).toContain(said);
    expect(stderr).toMatch(/^hint: /m);
  });

test('exec keeps its URL while servers die and others come', { tags: 'matrix' }, async () => {
  const words = ['--', 'sh', '-c', 'echo "$SANDBOX_FUSION_ENDPOINT"; read line'];
  const other = await startUpstream();
  const child = spawn(
    process.execPath,
    cli('exec', '--endpoint', other.url, '--endpoint', upstream.url, ...words).slice(1),
  );
  const url = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
  );
  await other.close();
  for (let turn = 0; turn < 5; turn += 1) {
    const body = JSON.stringify({ language: 'python', code: `print("${turn}")` });
    const answer = await fetch(`${url}/run_code`, { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ status: 'Success', run_result: { stdout: `${turn}\n` } });
  }
  child.stdin.end('\n');
  await new Promise((resolve) => child.on('close', resolve));
});
