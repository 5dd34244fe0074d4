import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { healthRequest, judgeCanary } from '../../../../src/api/canary.js';
import { challenge, judgeIdentity, SERVER_IDENTITY } from '../../../../src/api/identity.js';
import { judge } from '../../../../src/api/verdict.js';
import type { RunCodeRequest, RunCodeResponse } from '../../../../src/api/wire.js';
import { read, treeOf } from '../../../../src/sandbox/process/tree.js';
import { WITHOUT_BWRAP } from '../as-root.js';
import { outerCgroup } from '../outer-cgroup.js';
import { type ServedCli, serveCli } from '../server.js';
import type { Mode, Outside } from './attempt.js';
import { type Host, machine, makeHost } from './host.js';
import { attemptsIn } from './kinds.js';

const JOB_SECRET = randomBytes(8).toString('hex');

export interface Wall {
  /** Words that change who the server runs as. */
  as: readonly string[];
  by: Mode;
  /** Whether its Python programs run in forks of an interpreter that has started. */
  warm?: boolean;
}

/** Sends every hostile program to one server, and looks from outside at what they did. */
export function wall({ as, by, warm = false }: Wall): void {
  const secret = `SECRET${randomBytes(12).toString('hex')}`;
  const held = outerCgroup();
  let host: Host;
  let server: ServedCli;
  let outside: Outside;
  let resting: string[];
  let restingWarm: ReturnType<typeof atRest>;
  let victim: Promise<void>;
  let victimEnded = false;
  let before: unknown;
  const over = new AbortController();

  beforeAll(async () => {
    host = await makeHost(secret, as);
    before = machine();
    const words = [...held.words, ...(by === 'unshare' ? WITHOUT_BWRAP : []), ...as, ...host.careless];
    const env = {
      ...{ WALL_SECRET: secret, SANDBOXCTL_STATE_DIR: host.stateFolder },
      SANDBOXCTL_JOB_SECRET: 'stdin',
    };
    const args = [
      '--max-concurrency',
      '3',
      '--max-memory',
      '160M',
      '--tmp-size',
      '64M',
      '--output-cap',
      '1M',
      ...(by === 'none' ? ['--isolation', 'none'] : []),
      ...['--warm', warm ? 'on' : 'off'],
    ];
    server = await serveCli([...args, '--token-file', host.tokenFile], {
      ...{ env, before: words, input: `${JOB_SECRET}\n` },
    });
    expect(server.stderr()).toContain(by === 'none' ? 'isolation none' : `isolation lite by ${by}`);
    if (warm) expect(server.stderr()).toContain('programs run warm');
    outside = {
      ...{ ...host.outside, serverPort: Number(new URL(server.url).port), by },
      counted: server.stderr().includes('memory held by cgroup'),
    };
    expect((await ask(healthRequest('before'))).run_result?.stdout).toBe('before\n');
    resting = held.members();
    restingWarm = atRest(resting);
    // Somebody else's run, at the same time as all the others.
    const written = by === 'none' ? '' : `open("/tmp/victim", "w").write("${secret}")\n`;
    const code = `${written}victim = "${secret}"\nimport time\ntime.sleep(600)`;
    const asked = ask({ language: 'python', code, stdin: secret, run_timeout: 3600 }, over.signal);
    victim = asked
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        victimEnded = true;
      });
  });

  afterAll(async () => {
    over.abort();
    await victim;
    await server?.stop();
    await host.close();
    held.close();
  });

  // Patience for a full queue: whoever names a compile timeout waits for it too.
  async function ask(request: RunCodeRequest, signal?: AbortSignal): Promise<RunCodeResponse> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${host.token}` };
    const answer = await server.post(
      { compile_timeout: 600, ...request },
      { headers, ...(signal && { signal }) },
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-sandboxctl-infra-error')).toBeNull();
    return (await answer.json()) as RunCodeResponse;
  }

  for (const { kind, rows } of attemptsIn(by)) {
    describe.concurrent(`${kind}, by ${by}${warm ? ', warm' : ''}`, () => {
      for (const { attempt, tags } of rows) {
        test(attempt.name, { tags }, async ({ expect }) => {
          const answer = await ask(attempt.request(outside));
          const files = Object.values(answer.files ?? {}).map((each) =>
            Buffer.from(each ?? '', 'base64').toString(),
          );
          const { run_result, compile_result, message } = answer;
          const streams = [run_result, compile_result].flatMap((each) => [each?.stdout, each?.stderr]);
          const all = [...streams, message, ...files].join('\n');
          expect(all).not.toContain(secret);
          expect(all).not.toContain(host.token);
          expect(all).not.toContain(JOB_SECRET);
          expect(all.split('\n').filter((line) => line.startsWith('BROKEN'))).toEqual([]);
          attempt.check?.(answer, outside);
        });
      }
    });
  }

  test('nobody was reached, and the host is as before', () => {
    expect(host.visitors()).toEqual([]);
    expect(host.appeared()).toEqual([]);
    expect(machine()).toEqual(before);
  });

  test("somebody else's run goes on", () => {
    expect(victimEnded).toBe(false);
  });

  test('the server answers its canary as before', async () => {
    const random = randomBytes(8).toString('hex');
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${host.token}` };
    const answer = await server.post(healthRequest(random), { headers });
    const verdict = judge({ status: answer.status, headers: {}, body: await answer.text() });
    expect(judgeCanary(random, null, verdict)).toEqual({ ok: true });
    const asked = challenge(SERVER_IDENTITY, JOB_SECRET, server.url);
    const identity = await fetch(`${server.url}${asked.target}`, { headers });
    expect(judgeIdentity(asked, identity.status, await identity.text())).toEqual({ ok: true });
  });

  test('nothing is left of any', async () => {
    over.abort();
    await victim;
    // Sandboxes that wait for a program are others by now, and other programs have asked for other zygotes.
    const left = () => (warm ? atRest(held.members()) : held.members());
    await expect.poll(left).toEqual(warm ? restingWarm : resting);
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    expect(mounts.filter((line) => / sandbox | \/(old|new)root/.test(line))).toEqual([]);
  });

  test('no log line holds code or a secret', () => {
    expect(server.stderr()).not.toContain(secret);
    expect(server.stderr()).not.toContain('import');
  });
}

/** How many processes there are beside zygotes, and in the trees of these: as many in each. */
function atRest(processes: readonly string[]) {
  const zygotes = processes.filter((pid) =>
    read(`/proc/${pid}/cmdline`).startsWith('sh\0-c\0exec >/dev/null; read -r _'),
  );
  const trees = zygotes.map((pid) => treeOf(Number(pid)).length);
  const inTrees = trees.reduce((sum, size) => sum + size, 0);
  return { others: processes.length - inTrees, inEach: [...new Set(trees)] };
}
