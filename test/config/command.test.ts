import { expect, test } from 'vitest';
import { sandboxctl } from '../cli/run.js';
import { workspace } from './workspace.js';

test('config show prints the configuration that holds here, warnings on stderr', async () => {
  const { cwd, home, file, root } = workspace();
  const project = file('project/sandboxctl.yaml', 'nodes: 4\n');
  const env = { HOME: home, SANDBOXCTL_PRT: '1', SBATCH_QOS: 'low' };
  const shown = await sandboxctl(['config', 'show', '--origin'], { cwd, env });
  expect(shown).toMatchObject({
    code: 0,
    stderr: 'warning: SANDBOXCTL_PRT is not a setting and is ignored (did you mean SANDBOXCTL_PORT?)\n',
  });
  expect(shown.stdout.split('\n')).toEqual(
    expect.arrayContaining([`nodes: 4  # ${project}:1`, 'qos: low  # SBATCH_QOS', 'port: 8080  # default']),
  );
  const json = await sandboxctl(['config', 'show', '--json', '-c', `${root}/project/sandboxctl.yaml`], {
    env,
  });
  expect(JSON.parse(json.stdout)).toMatchObject({
    settings: { nodes: { value: 4, origin: `${project}:1` } },
  });
});

test('config show ends with 3 and all mistakes', async () => {
  const { cwd, home, file } = workspace();
  const project = file('project/sandboxctl.yaml', 'nodes: none\nprt: 1\n');
  const { code, stdout, stderr } = await sandboxctl(['config', 'show'], { cwd, env: { HOME: home } });
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr.split('\n').map((line) => line.trim())).toEqual([
    'error: 2 mistakes in the configuration',
    `${project}:1:8: nodes: must be a whole number from 1 to 10000 (got "none")`,
    `${project}:2:1: prt: is not a setting (did you mean port?)`,
    'hint: correct the configuration; docs/config.md lists the allowed values',
    '',
  ]);
});
