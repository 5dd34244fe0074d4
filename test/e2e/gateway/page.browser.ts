import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { statusPage } from '../../../src/commands/gateway/page.js';
import type { FleetFacts, FleetServer } from '../../../src/gateway/fleet-facts.js';
import { type Gateway, startGateway } from '../../../src/gateway/gateway.js';
import { ensurePackages } from '../../cluster/image/tools.js';
import { Listing } from '../../gateway/start.js';
import { startUpstream, type Upstream } from '../../gateway/stubs/upstream.js';

/** Nothing but the page is to be asked for, and nothing of a user's browser may show. */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

let profile: string;
let browser: BrowserContext;
let upstreams: Upstream[];
let listing: Listing;
let gateway: Gateway;
let fleet: FleetFacts;

beforeAll(async () => {
  await ensurePackages(['chromium']);
  profile = await mkdtemp(join(tmpdir(), 'sandboxctl-browser-'));
  browser = await chromium.launchPersistentContext(profile, {
    ...{ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS },
  });
  upstreams = await Promise.all([1, 2, 3].map(() => startUpstream({ runMs: 5 })));
  listing = new Listing(
    upstreams.map(({ url }) => url),
    4,
  );
  gateway = await startGateway({
    ...{ host: '127.0.0.1', port: 0, endpoints: listing, token: null, endpointToken: null },
    ...{ bodyLimit: 2 ** 20, defaultLimit: 16, maxQueue: 1000, maxClientTimeout: 60, tries: 4 },
    verify: 'failures',
    ...{ canaryEvery: 0.2, canaryTimeout: 0.5, onLog: () => undefined, page: await statusPage() },
    fleet: async () => fleet,
    ...{ workers: 1, shared: false, accessLog: null, nonce: null },
  });
});
beforeEach(async () => {
  fleet = { ...NO_FACTS, servers: [] };
  listing.set(
    upstreams.map(({ url }) => url),
    4,
  );
  await Promise.all(upstreams.map((upstream) => upstream.behave({ mischief: null })));
  const states = async () => (await gateway.snapshot()).endpoints.map(({ state }) => state);
  await expect.poll(states, { timeout: 30_000 }).toEqual(['in', 'in', 'in']);
});
afterAll(async () => {
  await browser?.close();
  listing?.end();
  await gateway?.close(0);
  await Promise.all((upstreams ?? []).map((upstream) => upstream.close()));
  await rm(profile, { recursive: true, force: true });
});

const NO_FACTS = {
  ...{ fleet: 'train', version: '1.2.3', generation: 4, next: null, events: [] },
  ...{ keeper: null, keeper_dead: false, left_out: [] },
};

function server(instance: number, more: Partial<FleetServer>): FleetServer {
  return {
    ...{
      instance,
      state: 'ready',
      job_id: `1000_${instance}`,
      node: `node${instance}`,
      url: null,
      reason: null,
    },
    ...{ since: '2026-01-31T12:45:09.000Z', expires_at: null, ...more },
  };
}

const run = (code = 'print("hello")') =>
  fetch(`${gateway.url}/run_code`, { method: 'POST', body: JSON.stringify({ code, language: 'python' }) });

async function open(
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<Page & { asked: string[]; wrong: string[] }> {
  const page = await browser.newPage();
  const asked: string[] = [];
  const wrong: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme });
  await page.goto(`${gateway.url}/_sandboxctl`);
  return Object.assign(page, { asked, wrong });
}

/** Where somebody wants to look at it. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SANDBOXCTL_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, name) });
}

const row = (page: Page, at: number) => page.locator('tbody tr', { hasText: upstreams[at]?.url ?? '' });

test('the status page shows every server and updates itself', async () => {
  const page = await open(1100, 'light');
  await page.getByText('3 of 3').waitFor();
  expect(await page.locator('tbody tr').count()).toBe(3);
  await Promise.all(Array.from({ length: 60 }, () => run()));
  await page.locator('#totals', { hasText: /answered\s*60/ }).waitFor();
  expect(await row(page, 0).textContent()).toMatch(/in rotation.*0 of 4.*\d\/s.*\d ms/);

  const held = Array.from({ length: 3 }, () => run('print("held") # ms=2500'));
  await page.locator('tbody', { hasText: '1 of 4' }).waitFor();
  await upstreams[2]?.behave({ mischief: 503 });
  await row(page, 2).locator('.state.out').waitFor();
  expect(await row(page, 2).textContent()).toMatch(/^out.*\d:\d\d:\d\d.*HTTP 503/);
  // What is out stands first.
  expect(await page.locator('tbody tr').first().textContent()).toContain(upstreams[2]?.url);
  await picture(page, 'light.png');
  await Promise.all(held);

  await upstreams[2]?.behave({ mischief: null });
  await page.getByText('3 of 3').waitFor();
  listing.set(
    upstreams.slice(1).map(({ url }) => url),
    4,
  );
  await row(page, 0).waitFor({ state: 'detached' });
  expect(page.wrong).toEqual([]);
  expect(new Set(page.asked)).toEqual(
    new Set(['', '/snapshot.json', '/history.json'].map((path) => `${gateway.url}/_sandboxctl${path}`)),
  );
  await page.close();
});

test('the status page keeps what died, with when, why and what comes next', async () => {
  const { url = '' } = upstreams[2] ?? {};
  const died = { state: 'gone', job_id: '1000_2', url, reason: 'its server was ended by SIGKILL' };
  const soon = new Date(Date.now() + 3 * 3_600_000).toISOString();
  fleet = {
    ...NO_FACTS,
    servers: [
      server(0, { job_id: null, url: upstreams[0]?.url ?? null, expires_at: soon }),
      server(1, { state: 'pending', reason: 'Resources' }),
      server(2, died),
    ],
    keeper: 'keeper: alive, job 77',
    next: 'the keeper submits another job',
    events: [{ time: '2026-01-31T12:45:09.000Z', text: 'instance 2 is gone', bad: true }],
  };
  listing.set([upstreams[0]?.url ?? ''], 4);
  const page = await open(1100, 'light');
  const dead = page.locator('tr.gone');
  await dead.waitFor();
  expect(await dead.textContent()).toMatch(
    /^gone.*instance 2, node2, job 1000_2since 2026-01-31 \d\d:45:09: its server was ended by SIGKILLnext: the keeper submits another job/,
  );
  const [gone = '', bad = ''] = await page.evaluate<string[]>(
    `['tr.gone .state', '#events .bad'].map((each) => getComputedStyle(document.querySelector(each)).color)`,
  );
  expect([gone, bad]).toEqual(['rgb(192, 57, 43)', 'rgb(192, 57, 43)']);
  expect(await page.title()).toBe('fleet train – sandboxctl');
  const about = await page.locator('header').textContent();
  expect(about).toMatch(
    /fleet train\s*generation 4 · sandboxctl 1\.2\.3 · gateway up since .*updated \d\d:\d\d:\d\d/s,
  );
  expect(await page.locator('tbody tr', { hasText: 'instance 1' }).textContent()).toMatch(
    /^pending.*Resources/,
  );
  expect(await page.locator('#keeper').textContent()).toBe('keeper: alive, job 77');
  await expect.poll(() => page.locator('tbody tr').count()).toBe(3);
  expect(await page.locator('#totals').textContent()).toMatch(/in rotation\s*\d of 3/);
  await picture(page, 'died.png');
  await page.close();
});

test('the status page shows a keeper that is dead, and the nodes that get no jobs', async () => {
  const dead = "the keeper of fleet train (job 77) is dead: 'sandboxctl keep --on job' starts another one";
  fleet = {
    ...NO_FACTS,
    servers: [server(0, { url: upstreams[0]?.url ?? null })],
    keeper: dead,
    keeper_dead: true,
    left_out: ['node3 gets no jobs until 16:32 (52m): 2 jobs failed there (Slurm lost its node)'],
  };
  for (const [width, scheme] of [
    [1100, 'light'],
    [360, 'dark'],
  ] as const) {
    const page = await open(width, scheme);
    await page.locator('#keeper.gone', { hasText: dead }).waitFor();
    expect(await page.locator('#left-out li').allTextContents()).toEqual(fleet.left_out);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await picture(page, `keeper-${scheme}.png`);
    expect(page.wrong).toEqual([]);
    await page.close();
  }
});

test('the status page shows fifteen minutes as charts, and failures by cause', async () => {
  for (const upstream of upstreams) await upstream.behave({ mischief: 'silent' });
  const page = await open(1100, 'light');
  const failing = fetch(`${gateway.url}/run_code`, {
    method: 'POST',
    headers: { 'x-sandboxctl-patience': '2' },
    body: JSON.stringify({ code: 'print(1)', language: 'python', run_timeout: 1 }),
  });
  expect((await failing).status).toBe(504);
  for (const upstream of upstreams) await upstream.behave({ mischief: null });
  await page.locator('#failures li').first().waitFor();
  expect(await page.locator('#failures').textContent()).toMatch(
    /^1 {2}(timeout|no free server in time|failed its health checks)$/,
  );
  await page.getByText('3 of 3').waitFor();
  await run();
  await page.locator('#charts figure[data-name=rate] polyline').waitFor();
  await page.locator('#charts figure[data-name=failed] rect').waitFor();
  expect(await page.locator('#charts svg[role=img]').count()).toBe(4);
  expect(await page.locator('#charts').textContent()).toMatch(
    /requests.*waiting.*p99.*failed by the sandbox1? ?/s,
  );
  await picture(page, 'charts.png');
  expect(page.wrong).toEqual([]);
  await page.close();
});

test('the gateway names its status page', async () => {
  const answer = await fetch(`${gateway.url}/`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(await answer.text()).toContain(`status page: ${gateway.url}/_sandboxctl\n`);
});

test('the status page needs no sideways scrolling on a phone, and is readable in dark mode', async () => {
  await upstreams[1]?.behave({ mischief: 'silent' });
  const page = await open(360, 'dark');
  await row(page, 1).locator('.state.out').waitFor();
  const [wide, text = '', back = ''] = await page.evaluate<[number, string, string]>(
    `(({ color, backgroundColor }) => [document.documentElement.scrollWidth, color, backgroundColor])(getComputedStyle(document.body))`,
  );
  expect(wide).toBeLessThanOrEqual(360);
  expect(contrast(text, back)).toBeGreaterThan(7);
  await picture(page, 'dark.png');
  await upstreams[1]?.behave({ mischief: null });
  await page.close();
});

test('the status page says when the gateway is gone, and keeps the last state', async () => {
  const page = await open(800, 'light');
  await page.locator('tbody tr').first().waitFor();
  await page.route('**/snapshot.json', (route) => route.abort());
  await page.getByText(/^no answer since/).waitFor();
  expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);
  await page.unroute('**/snapshot.json');
  await page.getByText(/^no answer since/).waitFor({ state: 'hidden' });
  await page.close();
});

/** WCAG's ratio of two colours as the browser tells them. */
function contrast(first: string, second: string): number {
  const [light = 0, dark = 0] = [first, second].map(luminance).sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = (color.match(/\d+/g) ?? []).map((each) => {
    const part = Number(each) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
