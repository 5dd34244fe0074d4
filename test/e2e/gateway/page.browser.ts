import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statusPage } from '../../../src/commands/gateway/page.js';
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
    ...{ workers: 1, shared: false, accessLog: null, nonce: null },
  });
});
afterAll(async () => {
  await browser?.close();
  listing?.end();
  await gateway?.close(0);
  await Promise.all((upstreams ?? []).map((upstream) => upstream.close()));
  await rm(profile, { recursive: true, force: true });
});

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
    new Set([`${gateway.url}/_sandboxctl`, `${gateway.url}/_sandboxctl/snapshot.json`]),
  );
  await page.close();
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
