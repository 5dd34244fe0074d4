import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadTemplate } from '../../src/control/templates.js';
import { gatewaySpec } from '../../src/fleet/gateway-request.js';
import { ensurePackages } from '../cluster/image/tools.js';
import { CLUSTER } from '../fleet/cluster-facts.js';
import { inParts } from '../support/parts.js';
import { NASTY } from './nasty.js';
import { ARRAY, type Changes, FAR, PLAIN, render, specOf } from './specs.js';

const everything: Changes = {
  job: {
    image: { path: `/images/${NASTY.join('')}`, sha256: 'x' },
    mounts: ['/a b:/in', '/$(x):/`y`'],
    env: [...NASTY.map((value, i) => ({ key: `N${i}`, value })), { key: 'S', secret: '01234567' }],
    endpointHost: 'interface:eth0',
    workers: 4,
    slurm: { args: ['--wckey=a "b" #c'], nodelist: ['node1', 'node2'] },
  },
};

const enroot = await loadTemplate(null, 'enroot', 'slurm');
const fromCheckout = await loadTemplate(null, 'checkout', 'local');
const checkout: Changes['job'] = {
  runtime: 'checkout',
  image: null,
  checkout: { path: `/src/${NASTY.join('')}`, head: null, environment: null },
  isolation: 'none',
};
const named = { ...checkout, checkout: { path: '/src', head: null, environment: NASTY.join('') } };
const embedded = await loadTemplate(null, 'embedded', 'local');
const servers = specOf();
const gateway = gatewaySpec({ gatewayPartition: null, gatewayPort: null }, 'job', servers.job, 4, CLUSTER);
const front = await loadTemplate(null, 'gateway', 'slurm');
/** One of each template first. */
const scripts: [string, string][] = [
  ['everything set', render(everything, { excluded: ['node3', 'node4'] })],
  ['enroot', render({ job: { ...everything.job, runtime: 'enroot' } }, { template: enroot })],
  ['checkout', render({ job: checkout }, { template: fromCheckout })],
  ['embedded', render({ job: { ...checkout, runtime: 'embedded' } }, { template: embedded })],
  [
    'a gateway',
    render({ gateway }, { submission: { ...PLAIN, instances: ['gateway'], offset: -1 }, template: front }),
  ],
  ['plain', render()],
  ['a plain job', render({}, { submission: PLAIN })],
  ['checkout with a named environment', render({ job: named }, { template: fromCheckout })],
  ['an offset', render({ nodes: 2000 }, { submission: FAR })],
];

test.each(scripts)('bash reads it: %s', (_what, script) => {
  execFileSync('bash', ['-n'], { input: script });
});

for (const { rows, tags } of inParts(scripts, 5))
  test.each(rows)('shellcheck finds nothing: %s', { tags }, async (_what, script) => {
    await ensurePackages(['shellcheck']);
    const found = lint(script);
    expect(found).toBe('');
  });

test('what runs inside the container is clean too, though it stands in a here-document', async () => {
  await ensurePackages(['shellcheck']);
  const inside = /<<'LAUNCH'[^\n]*\n(.*?)\nLAUNCH$/ms.exec(render({}, { submission: ARRAY }))?.[1] ?? '';
  // SC2086 and SC2068: the names of variables are many words on purpose.
  expect(lint(`#!/bin/bash\n${inside}\n`, '--exclude=SC2086,SC2068')).toBe('');
  expect(inside).toContain('exec uvicorn');
});

test('what looks at a node is clean too', async () => {
  await ensurePackages(['shellcheck']);
  expect(lint(readFileSync('templates/probe-node.sh', 'utf8'))).toBe('');
});

function lint(script: string, ...options: string[]): string {
  try {
    return execFileSync('shellcheck', ['--format=gcc', ...options, '-'], { input: script, encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}
