import { expect, it } from 'vitest';
import { checkIdleStop } from '../../src/commands/keep.js';
import { idleWatch } from '../../src/control/idle-watch.js';
import { parseRunCounts, type RunCounts } from '../../src/control/run-counts.js';
import { specOf } from '../script/specs.js';

const MINUTE = 60_000;
const IDLE_MS = 120 * MINUTE;

const server = (jobId: string) => ({ jobId, state: 'ready' as const, url: `http://${jobId}` });

/** Asks once a minute; `counts` are what each server answers at that minute. */
async function afterMinutes(
  minutes: number,
  counts: (minute: number, url: string) => RunCounts | undefined,
  servers: (minute: number) => ReturnType<typeof server>[] = () => [server('1'), server('2')],
): Promise<boolean> {
  let minute = 0;
  const watch = idleWatch({
    idleMs: IDLE_MS,
    now: () => minute * MINUTE,
    ask: async (url) => counts(minute, url),
  });
  while (minute < minutes) {
    minute += 1;
    watch.check(servers(minute));
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
  return watch.isIdle();
}

it('a fleet that runs nothing is idle after that time, and not before', async () => {
  const nothing = () => ({ runs: 40, underWay: 0 });
  expect(await afterMinutes(119, nothing)).toBe(false);
  expect(await afterMinutes(122, nothing)).toBe(true);
});

it('one run of one server is activity', async () => {
  const once = (minute: number, url: string) => ({
    runs: minute >= 60 && url.endsWith('2') ? 1 : 0,
    underWay: 0,
  });
  expect(await afterMinutes(150, once)).toBe(false);
  expect(await afterMinutes(182, once)).toBe(true);
});

it('a health check that happens to be under way is none, a run of several minutes is', async () => {
  const canary = (minute: number) => ({ runs: 0, underWay: minute % 3 === 0 ? 1 : 0 });
  expect(await afterMinutes(122, canary)).toBe(true);
  expect(await afterMinutes(122, (minute) => ({ runs: 0, underWay: minute > 100 ? 1 : 0 }))).toBe(false);
});

it('a server that does not answer keeps the fleet', async () => {
  const silent = (_minute: number, url: string) => (url.endsWith('2') ? undefined : { runs: 0, underWay: 0 });
  expect(await afterMinutes(300, silent)).toBe(false);
});

it('a successor that has run something by its first minute is activity', async () => {
  const counts = (minute: number, url: string) => ({
    runs: url.endsWith('3') && minute >= 100 ? 5 : 0,
    underWay: 0,
  });
  const servers = (minute: number) => [server('1'), server(minute < 100 ? '2' : '3')];
  expect(await afterMinutes(150, counts, servers)).toBe(false);
});

it('a fleet without a ready server is not idle', async () => {
  const none = () => [];
  expect(await afterMinutes(300, () => ({ runs: 0, underWay: 0 }), none)).toBe(false);
});

it('the page of a server counts runs without health checks', () => {
  const page = `# TYPE sandboxctl_runs_total counter
sandboxctl_runs_total{language="python",end="program"} 7
sandboxctl_runs_total{language="python",end="health_check"} 900
sandboxctl_runs_total{language="cpp",end="timeout"} 2
# TYPE sandboxctl_runs_running gauge
sandboxctl_runs_running 1
sandboxctl_runs_waiting 2
process_cpu_seconds_total 1.5
`;
  expect(parseRunCounts(page)).toEqual({ runs: 9, underWay: 3 });
  expect(parseRunCounts('# TYPE process_cpu_seconds_total counter\n')).toBeUndefined();
});

it('a server that fails its health checks keeps the fleet, as one without an answer does', async () => {
  const nothing = () => ({ runs: 0, underWay: 0 });
  const servers = [server('1'), { ...server('2'), state: 'unhealthy' as const }];
  let minute = 0;
  const watch = idleWatch({ idleMs: IDLE_MS, now: () => minute * MINUTE, ask: async () => nothing() });
  for (minute = 1; minute < 200; minute++) {
    watch.check(servers);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(watch.isIdle()).toBe(false);
  }
});

it('a run that ended after the last round keeps the fleet', async () => {
  let now = 0;
  let runs = 0;
  const watch = idleWatch({ idleMs: IDLE_MS, now: () => now, ask: async () => ({ runs, underWay: 0 }) });
  for (now = MINUTE / 2; now <= IDLE_MS + MINUTE; now += 1_000) {
    if (now >= IDLE_MS - 10_000) runs = 1;
    if (now >= IDLE_MS) expect(watch.isIdle()).toBe(false);
    watch.check([server('1')]);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(watch.isIdle()).toBe(false);
  }
});

it('--idle-stop is refused, with the reason, where servers count no runs: a gateway does not see all of them', () => {
  const refused = () => checkIdleStop(specOf({ job: { runtime: 'pyxis' } }), 7200, 'here');
  expect(refused).toThrow('those of runtime pyxis do not');
  try {
    refused();
  } catch (error) {
    expect(error).toMatchObject({
      kind: 'usage',
      detail: expect.stringContaining("only its own clients' runs"),
    });
  }
  expect(() => checkIdleStop(specOf({ job: { runtime: 'embedded' } }), 7200, 'here')).not.toThrow();
});
