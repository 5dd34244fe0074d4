import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { serveCli } from '../e2e/serve/server.js';
import { gatewayFor } from '../gateway/start.js';
import { fuzzAnswers } from './answers.js';
import { fuzzFiles } from './files.js';
import { fuzzRequests } from './requests.js';

/** Another each day, and named: a failure can be repeated with SANDBOXCTL_TEST_SEED. */
const SEED = Number(process.env.SANDBOXCTL_TEST_SEED ?? Math.floor(Date.now() / 86_400_000));

test.each(['none', 'lite'])(`requests changed by chance, --isolation %s, seed ${SEED}`, async (isolation) => {
  const served = await serveCli(['--isolation', isolation]);
  onTestFinished(async () => void (await served.stop()));
  const gateway = await gatewayFor([served.url]);
  for (let round = 0; round < 20; round += 1) {
    await fuzzRequests(served.url, 500, SEED + 2 * round);
    await fuzzRequests(gateway.url, 500, SEED + 2 * round + 1);
  }
});

test(`answers of servers changed by chance, seed ${SEED}`, () => fuzzAnswers(300_000, SEED));

test(`registrations and endpoints files changed by chance, seed ${SEED}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await fuzzFiles(join(folder, 'file.json'), 50_000, SEED);
});
