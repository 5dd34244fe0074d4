import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Result } from './cluster/execute.js';
import { setStage } from './demo/stage.js';

/** The built command line tool, from the registry to a program's answer, on the Node that runs this file. */
const stage = await setStage({ nodes: 2 });
const sandboxctl = (...words: string[]): Promise<Result> =>
  stage.cluster.run(['sandboxctl', ...words], { env: stage.env, timeoutMs: 240_000 });

let urls: string[] = [];
const checks: Record<string, () => Promise<void>> = {
  'it runs on this Node': async () => {
    const told = await stage.cluster.run(['node', '--version']);
    assert.equal(told.stdout, `${process.version}\n`);
  },
  '--version': async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.equal((await sandboxctl('--version')).stdout, `${version}\n`);
  },
  '--help': async () => assert.match((await sandboxctl('--help')).stdout, /^Usage: sandboxctl/m),
  'a word that is no command': async () => assert.equal((await sandboxctl('deplyo')).code, 2),
  'config show': async () => assert.equal((await sandboxctl('config', 'show')).code, 0),
  'import-image': async () => {
    const told = await sandboxctl('import-image');
    assert.match(told.stdout, /^\/.*\/varad0309\+code_sandbox\+server\.sqsh\n$/, told.stderr);
  },
  deploy: async () => {
    const told = await sandboxctl('deploy', '--nodes', '2', '--partition', 'cpuonly');
    urls = told.stdout.trim().split('\n');
    assert.equal(urls.length, 2, told.stderr);
  },
  'a program on each server': async () => {
    for (const url of urls) {
      const body = JSON.stringify({ language: 'python', code: 'print(6 * 7)' });
      const answer = await fetch(`${url}/run_code`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      assert.match(await answer.text(), /"stdout":"42\\n"/);
    }
  },
  endpoints: async () => assert.equal((await sandboxctl('endpoints')).stdout.match(/"ready"/g)?.length, 2),
  status: async () => assert.match((await sandboxctl('status')).stdout, /2 of 2 ready/),
  logs: async () => assert.match((await sandboxctl('logs', '0', '-n', 'all')).stdout, /Uvicorn running on/),
  stop: async () => assert.equal((await sandboxctl('stop', '--yes')).code, 0),
};

let failed = 0;
try {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
    } catch (error) {
      failed += 1;
      console.log(`smoke test: ${name} failed\n${(error as Error).message}`);
    }
  }
} finally {
  await stage.down();
}
console.log(
  `smoke test on Node ${process.version}: ${Object.keys(checks).length - failed} passed, ${failed} failed`,
);
process.exitCode = failed === 0 ? 0 : 1;
