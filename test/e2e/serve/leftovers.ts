import { expect, test } from 'vitest';
import type { RunCodeRequest, RunCodeResponse } from '../../../src/api/wire.js';
import { asUser, COLD, newUser, WITHOUT_BWRAP } from './as-root.js';
import { outerCgroup } from './outer-cgroup.js';
import { type ServedCli, serveCli } from './server.js';
import { uniqueSleep } from './sleepers.js';
import { type Traces, traces } from './traces.js';

const USER = newUser();
const CONCURRENCY = 8;
const TIMEOUT_MS = 3_600_000;

export const SERVERS = [
  { name: 'lite by bwrap, as root', isolation: 'lite', before: COLD },
  { name: 'lite by unshare, as a user', isolation: 'lite', before: [...WITHOUT_BWRAP, ...asUser(USER)] },
  { name: 'none, as a user', isolation: 'none', before: asUser(USER) },
];

/** One of each six runs; two of them are killed. */
interface Kind {
  code: (sleep: string) => string;
  more?: Partial<RunCodeRequest>;
  ends: string;
  /** Whether the client hangs up meanwhile. */
  hangsUp?: true;
}

const KINDS: readonly Kind[] = [
  { code: () => 'echo hi >f; mkfifo p; ln -s / root', more: { fetch_files: ['f'] }, ends: 'Success' },
  {
    code: (sleep) => `setsid sleep ${sleep} & sleep ${sleep}`,
    more: { run_timeout: 0.2 },
    ends: 'Failed',
  },
  { code: (sleep) => `setsid sleep ${sleep} >/dev/null 2>&1 & (sleep ${sleep} >&2 &)`, ends: 'Success' },
  { code: () => 'mkdir -p a/b; echo x >a/b/c; chmod 0 a; exit 3', ends: 'Failed' },
  { code: (sleep) => `sleep ${sleep} | sleep ${sleep}`, ends: '', hangsUp: true },
  {
    code: () => `cat d/in; mktemp -d; mktemp; kill -SEGV $$`,
    more: { files: { 'd/in': 'eA==' } },
    ends: 'Failed',
  },
];

/** Sends so many runs to a server, a third of them killed, and looks for what is left of them. */
export function leavesNothing(runs: number, servers: typeof SERVERS, tags: readonly string[] = []): void {
  test.each(servers)(
    `nothing is left of ${runs} runs under isolation $name`,
    { tags: [...tags], timeout: TIMEOUT_MS },
    async ({ isolation, before }) => {
      const held = outerCgroup();
      const args = ['--isolation', isolation, '--max-concurrency', String(CONCURRENCY)];
      const served = await serveCli(args, { before: [...held.words, ...before] });
      try {
        // What every server makes once, at its first runs.
        await Promise.all(Array.from({ length: 4 * CONCURRENCY }, () => one(served, 0)));
        const settled = await settle(() => traces(held, USER));
        const ends: string[] = [];
        let next = 0;
        const worker = async () => {
          while (next < runs) ends.push(await one(served, next++));
        };
        await Promise.all(Array.from({ length: CONCURRENCY }, worker));
        expect(ends.filter((end) => end !== 'as it should')).toEqual([]);
        await expect.poll(() => traces(held, USER), { interval: 500 }).toEqual(settled);
        expect(settled.hostMounts).toEqual([]);
        // A server keeps its precompiled headers until it ends.
        expect(settled.files.filter((path) => !path.includes('/sandboxctl-headers-'))).toEqual([]);
        // Where it may make cgroups, one holds those of runs, and each of these goes with its run.
        expect(settled.cgroups.filter((each) => !isHome(each))).toEqual([]);
      } finally {
        await served.stop();
        const left = () => [...held.members(), ...held.groups(), ...traces(held, USER).files];
        await expect.poll(left).toEqual([]);
        held.close();
      }
    },
  );
}

const isHome = (cgroup: string) => /\/sandboxctl-\d+(-server)?$/.test(cgroup);

async function one(served: ServedCli, index: number): Promise<string> {
  const kind = KINDS[index % KINDS.length];
  if (kind === undefined) throw new Error('no kinds');
  const gone = new AbortController();
  // At all moments of a run, its beginning above all.
  const timer = kind.hangsUp && setTimeout(() => gone.abort(), index % 97);
  const request = { language: 'bash', code: kind.code(uniqueSleep()), compile_timeout: 600, ...kind.more };
  const status = await served.run(request, gone.signal).then(
    ({ status, message }: RunCodeResponse) => `${status}${message}`,
    (error: Error) => (gone.signal.aborted ? '' : error.message),
  );
  clearTimeout(timer);
  return status === kind.ends ? 'as it should' : `${index}: ${status}`;
}

/** What is there when nothing changes any more. */
async function settle(look: () => Traces): Promise<Traces> {
  let last = '';
  await expect
    .poll(
      () => {
        const before = last;
        last = JSON.stringify(look());
        return last === before;
      },
      { interval: 1000 },
    )
    .toBe(true);
  return JSON.parse(last) as Traces;
}
