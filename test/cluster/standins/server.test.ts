import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OwnPorts, ownPorts } from '../../support/ports.js';
import { buildImage } from '../image/build.js';
import { newOrdinaryUser, type OrdinaryUser, type Running } from '../ordinary-user.js';
import { startRegistry } from '../registry.js';

let person: OrdinaryUser;
let ports: OwnPorts;
let port: number;
let server: Running;

const serve = (target: string[], env: string[] = []) => {
  const options = [`PORT=${port}`, 'HOST=127.0.0.1', 'CANARY=sings', ...env].flatMap((one) => ['--env', one]);
  return person.start(['sh', '-c', 'exec enroot start "$@" 1>&2', 'sh', ...options, 'box', ...target]);
};

beforeAll(async () => {
  const registry = await startRegistry();
  person = await newOrdinaryUser();
  await registry.push('varad0309/code_sandbox:server', await buildImage());
  await person.run([
    'enroot',
    'import',
    '-o',
    'image',
    `docker://${registry.host}/varad0309/code_sandbox:server`,
  ]);
  await person.run(['enroot', 'create', '-n', 'box', 'image']);
  await registry.stop();
  ports = await ownPorts();
  port = ports.first;
  server = serve(['make', 'run-online'], ['WEB_CONCURRENCY=2']);
  await server.says(`INFO:     Uvicorn running on http://127.0.0.1:${port} (Press CTRL+C to quit)`);
});
afterAll(async () => {
  server.kill('SIGTERM', 'group');
  await server.ended;
  await person.forget();
  await ports.release();
});

test('a ping is a JSON string, six bytes long', async () => {
  const answer = await ask('GET', '/v1/ping');
  expect(answer).toMatchObject({ status: 200, body: '"pong"', length: '6', type: 'application/json' });
});

const finished = (code: number, stdout: string, stderr = '') =>
  `{"status":"Finished","execution_time":0,"return_code":${code},"stdout":${JSON.stringify(stdout)},"stderr":${JSON.stringify(stderr)}}`;
const answered = (status: string, result: string) =>
  `{"status":"${status}","message":"","compile_result":null,"run_result":${result},"executor_pod_name":null,"files":{}}`;

test.each<[string, object, string]>([
  ['Python', { language: 'python', code: 'print(1+1)' }, answered('Success', finished(0, '2\n'))],
  [
    'stdin',
    { language: 'python', code: 'print(input()[::-1])', stdin: 'abc' },
    answered('Success', finished(0, 'cba\n')),
  ],
  [
    'bash',
    { language: 'bash', code: 'echo hi; echo oops >&2; exit 3' },
    answered('Failed', finished(3, 'hi\n', 'oops\n')),
  ],
  [
    'the server’s environment',
    { language: 'bash', code: 'echo $CANARY' },
    answered('Success', finished(0, 'sings\n')),
  ],
  [
    'a limit',
    { language: 'python', code: 'print("a",flush=True)\nimport time\ntime.sleep(9)', run_timeout: '0.3' },
    answered(
      'Failed',
      '{"status":"TimeLimitExceeded","execution_time":0,"return_code":null,"stdout":"a\\n","stderr":""}',
    ),
  ],
])('run_code: %s', async (_what, body, expected) => {
  const answer = await ask('POST', '/run_code', JSON.stringify(body));
  expect(answer.body.replace(/"execution_time":[\d.e-]+/, '"execution_time":0')).toBe(expected);
  expect(answer.status).toBe(200);
});

test.each<[string, string, string | undefined, number, string]>([
  ['no such path', '/nope', undefined, 404, '{"detail":"Not Found"}'],
  ['GET /run_code', '/run_code', undefined, 405, '{"detail":"Method Not Allowed"}'],
  [
    'empty body',
    '/run_code',
    '',
    422,
    '{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}',
  ],
  [
    'no code',
    '/run_code',
    '{"language":"python"}',
    422,
    '{"detail":[{"type":"missing","loc":["body","code"],"msg":"Field required","input":{"language":"python"}}]}',
  ],
])('refused: %s', async (_what, path, body, status, expected) => {
  const answer = await ask(body === undefined ? 'GET' : 'POST', path, body);
  expect(answer).toMatchObject({ status, body: expected });
});

test('WEB_CONCURRENCY processes share the port', async () => {
  const code = 'import os; print(os.getppid())';
  const asks = Array.from({ length: 40 }, () =>
    ask('POST', '/run_code', JSON.stringify({ language: 'python', code })),
  );
  const pids = (await Promise.all(asks)).map(({ body }) => JSON.parse(body).run_result.stdout);
  expect(new Set(pids).size).toBe(2);
});

test('a taken port: two lines, make’s own, and the code 2', async () => {
  const told = await serve(['make', 'run-online']).ended;
  const bind = `ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', ${port}): address already in use`;
  const all = `${bind}\nOSError: [Errno 98] Address already in use\nmake: *** [Makefile:5: run-online] Error 1\n`;
  expect(told.stderr).toContain(all);
  expect(told.code).toBe(2);
});

test('uvicorn itself starts the server, but only from its folder', async () => {
  const told = await serve(['sh', '-c', 'cd / && exec uvicorn sandbox.server.server:app']).ended;
  expect(told.stderr).toBe(
    'ERROR:    Error loading ASGI app. Could not import module "sandbox.server.server".\n',
  );
  expect(told.code).toBe(1);
});

interface Answer {
  status: number | undefined;
  body: string;
  length: string | undefined;
  type: string | undefined;
}

function ask(method: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method, path }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      const { 'content-length': length, 'content-type': type } = answer.headers;
      answer.on('end', () => resolve({ status: answer.statusCode, body: text, length, type }));
    });
    asked.on('error', reject).end(body);
  });
}
