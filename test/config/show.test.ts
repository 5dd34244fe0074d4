import { expect, test } from 'vitest';
import { configJson, configYaml } from '../../src/config/show.js';
import { workspace } from './workspace.js';

const project = [
  'nodes: 4',
  'account: "0123"',
  'time: 1:30:00',
  'timeout: 90m',
  'portRange: 9000-9001',
  'env: [A=1, "B=# not a comment", "C=two\\nlines", "D=: "]',
  'clientConfig: [a.env]',
  'qos: "null"',
  'wait: false',
].join('\n');

test.each([[false], [true]])(
  'what it prints is a config file that gives the same (origin: %j)',
  async (origin) => {
    const places = workspace();
    const first = await places.load({ project });
    const yaml = configYaml(first, { origin });
    const second = await places.load({ project: yaml });
    expect(second.config).toEqual(first.config);
  },
);

test('YAML with origins says where each value comes from', async () => {
  const places = workspace();
  const resolved = await places.load({ project, env: { SBATCH_PARTITION: 'p' }, flags: { port: '81' } });
  const lines = configYaml(resolved, { origin: true }).replaceAll(places.root, '').split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'nodes: 4  # /project/sandboxctl.yaml:1',
      'timeout: 1h30m  # /project/sandboxctl.yaml:4',
      'partition: p  # SBATCH_PARTITION',
      'port: 81  # --port',
      'exclusive: true  # default',
      'env:  # /project/sandboxctl.yaml:6',
      'mount: []  # default',
      'mem: null  # default',
      'logCap: 50M  # default',
    ]),
  );
  expect(configYaml(resolved, { origin: false })).not.toContain('# default');
});

test('JSON has values as the program uses them', async () => {
  const json = JSON.parse(
    configJson(await workspace().load({ flags: { timeout: '2m' }, env: { SANDBOXCTL_X: '1' } })),
  );
  expect(json).toMatchObject({
    schema_version: 1,
    settings: {
      timeout: { value: 120, origin: '--timeout' },
      nodes: { value: null, origin: 'default' },
      portRange: { value: { first: 8080, last: 8179 }, origin: 'default' },
    },
    warnings: [expect.stringContaining('SANDBOXCTL_X')],
  });
});
