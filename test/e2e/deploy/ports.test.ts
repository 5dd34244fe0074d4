import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { until } from '../../cluster/hold.js';
import { type Lab, readJson, startLab } from '../../support/lab.js';
import { asRoot, deploy, endpoints, freeNodes, runCode, urlsOf } from './user.js';

const image = (name: string) => fileURLToPath(new URL(`../../cluster/image/${name}`, import.meta.url));

let lab: Lab;
/** A server of somebody else's, which speaks the same API as ours. */
let foreign: string;
beforeAll(async () => {
  lab = await startLab();
  foreign = join(lab.shared, 'foreign');
  await mkdir(join(foreign, 'sandbox/server'), { recursive: true });
  await cp(image('server.py'), join(foreign, 'sandbox/server/server.py'));
  await cp(image('uvicorn.py'), join(foreign, 'uvicorn.py'));
});
afterAll(() => lab?.down());
afterEach(() => freeNodes(lab));

/** Starts the foreign server on a node as soon as `after` is true there. */
async function survivor(node: string, port: number, after = 'true'): Promise<void> {
  const [, { uid }] = lab.users;
  const server = `env SANDBOXCTL_JOB_NONCE=another setpriv --reuid=${uid} --clear-groups python3 uvicorn.py sandbox.server.server:app --host 0.0.0.0`;
  await asRoot(
    lab,
    node,
    `cd ${foreign}; (until ${after}; do sleep 0.05; done; exec ${server} --port ${port}) </dev/null >/dev/null 2>&1 &`,
  );
}

/** Keeps so many connections open on a node, of which /proc/net/tcp has two lines each, until it is called off. */
async function crowd(node: string, connections: number): Promise<() => Promise<unknown>> {
  const file = join(lab.shared, 'crowd');
  const program = `
import os, resource, socket, time
resource.setrlimit(resource.RLIMIT_NOFILE, (${connections} * 2 + 100,) * 2)
listener = socket.create_server(("127.0.0.1", 9999), backlog=64)
open_ones = [(socket.create_connection(("127.0.0.1", 9999)), listener.accept()) for _ in range(${connections})]
open("${file}", "w").write(str(os.getpid()))
time.sleep(600)`;
  await writeFile(`${file}.py`, program);
  await asRoot(lab, node, `setsid python3 ${file}.py </dev/null >/dev/null 2>&1 &`);
  await until('the connections', () => readFile(file, 'utf8').catch(() => undefined));
  return () => asRoot(lab, node, `kill $(cat ${file})`);
}

test('a job finds a free port quickly on a node with very many connections', {
  tags: 'matrix',
}, async () => {
  const leave = await crowd('node1', 6_000);
  const argv = ['--nodes', '1', '--nodelist', 'node1', '--timeout', '60s'];
  const deployed = await deploy(lab, argv);
  await leave();
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stdout).toMatch(/:8080\n$/);
});

test("a port that another user's server has: the next one, told, registered and in the endpoints", async () => {
  await survivor('node1', 8080);
  const [node1] = lab.nodes;
  const theirs = `http://${node1?.address}:8080`;
  await until('the other server', () => runCode(theirs, nonce).catch(() => undefined));
  const deployed = await deploy(lab, ['--nodes', '4']);
  expect(deployed.code).toBe(0);
  expect(deployed.stderr).toMatch(
    /instance \d is ready at \S+:8081 \(job \S+ on node1\): port 8080 was taken\n/,
  );
  const all = await endpoints(lab);
  expect(all.map(({ node, port }) => `${node}:${port}`).sort()).toEqual([
    'node1:8081',
    'node2:8080',
    'node3:8080',
    'node4:8080',
  ]);
  expect(urlsOf(deployed).sort()).toEqual(all.map(({ url }) => url).sort());
  const moved = all.find(({ node }) => node === 'node1');
  expect(await readFile(log(moved?.job_id), 'utf8')).toContain('sandboxctl: port 8080 is taken on node1\n');
  // It is still there, and nobody took it for ours.
  expect(await runCode(theirs, nonce)).toBe('another\n');
  expect(await runCode(moved?.url ?? '', nonce)).toBe(`${await registeredNonce(moved?.job_id)}\n`);
});

const UNTIL_TAKEN = `import socket, time
while socket.socket().connect_ex(("127.0.0.1", 8080)): time.sleep(0.05)
`;

test('a job takes the next port if its own is taken before the bind, and the other server is not taken for ours', {
  tags: 'matrix',
}, async () => {
  // Our server looks at its port, then waits; the other one binds meanwhile, and answers canaries.
  const slow = join(lab.shared, 'slow');
  await mkdir(slow);
  await writeFile(join(slow, 'server.py'), `${UNTIL_TAKEN}${await readFile(image('server.py'), 'utf8')}`);
  await survivor('node2', 8080, `grep -qs '"port":8080' ${lab.state('fleets/race/registrations')}/*.json`);
  const argv = [
    '--nodes',
    '1',
    '-w',
    'node2',
    '--fleet',
    'race',
    '--mount',
    `${slow}:/root/sandbox/sandbox/server`,
  ];
  const deployed = await deploy(lab, argv);
  expect(deployed.code).toBe(0);
  const [only] = await endpoints(lab, ['--fleet', 'race']);
  expect(only).toMatchObject({ node: 'node2', port: 8081 });
  expect(urlsOf(deployed)).toEqual([only?.url]);
  expect(await readFile(log(only?.job_id), 'utf8')).toContain(
    'sandboxctl: port 8080 was taken on node2 while the server started\n',
  );
  expect(await runCode(only?.url ?? '', nonce)).toBe(`${await registeredNonce(only?.job_id)}\n`);
});

test.each([
  {
    fleet: 'brief',
    node: 'node3',
    what: 'by one that is gone before anybody looks',
    code: `if os.environ["PORT"] == "8080":
    first, second = socket.socket(), socket.socket()
    first.bind(("", 8080)), first.listen()
    second.bind(("", 8080))`,
    taker: false,
  },
  {
    fleet: 'parent',
    node: 'node4',
    what: 'by another server, and ours stays, as a parent does whose workers did not get the port',
    code: 'if os.environ["PORT"] == "8080": time.sleep(600)',
    taker: true,
  },
])('a port that is taken $what: the next one', { tags: 'matrix' }, async ({ fleet, node, code, taker }) => {
  const mine = join(lab.shared, fleet);
  await mkdir(mine);
  const server = await readFile(image('server.py'), 'utf8');
  await writeFile(join(mine, 'server.py'), `import os, socket, time\n${code}\n${server}`);
  const registrations = `${lab.state(`fleets/${fleet}/registrations`)}/*.json`;
  if (taker) await survivor(node, 8080, `grep -qs '"port":8080' ${registrations}`);
  const mount = ['--mount', `${mine}:/root/sandbox/sandbox/server`];
  const deployed = await deploy(lab, ['--nodes', '1', '-w', node, '--fleet', fleet, ...mount]);
  expect(deployed.code, deployed.stderr).toBe(0);
  const [only] = await endpoints(lab, ['--fleet', fleet]);
  expect(only).toMatchObject({ node, port: 8081 });
  expect(await readFile(log(only?.job_id), 'utf8')).toContain(
    `sandboxctl: port 8080 was taken on ${node} while the server started\n`,
  );
});

test('two fleets of one user run side by side on the same nodes', { tags: 'matrix' }, async () => {
  const shared = ['--nodes', '2', '-w', 'node[3-4]', '--no-exclusive', '--cpus-per-task', '4'];
  const [one, two] = await Promise.all(
    ['one', 'two'].map((fleet) => deploy(lab, [...shared, '--fleet', fleet])),
  );
  expect([one?.code, two?.code], `${one?.stderr}${two?.stderr}`).toEqual([0, 0]);
  const all = await Promise.all(['one', 'two'].map((fleet) => endpoints(lab, ['--fleet', fleet])));
  const places = all.flat().map(({ host, port }) => `${host}:${port}`);
  expect(new Set(places).size).toBe(4);
  for (const { url, job_id } of all.flat()) {
    expect(await runCode(url, nonce)).toMatch(/^\w{8}-/);
    expect(await runCode(url, nonce)).toBe(`${await registeredNonce(job_id)}\n`);
  }
});

const nonce = 'import os; print(os.environ["SANDBOXCTL_JOB_NONCE"])';
const log = (job = '') => join(lab.users[0].home, `logs/sandbox-${job}.log`);

async function registeredNonce(job = ''): Promise<string | undefined> {
  for (const fleet of ['sandbox', 'race', 'one', 'two']) {
    const path = lab.state(`fleets/${fleet}/registrations/${job}.json`);
    const file = await readJson<{ nonce: string }>(path).catch(() => undefined);
    if (file !== undefined) return file.nonce;
  }
  return undefined;
}
