import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { loadTemplate } from '../../src/control/templates.js';
import { parseScriptLine } from '../../src/failures/script-line.js';
import { parseSpecLine } from '../../src/fleet/spec.js';
import { scriptValues } from '../../src/script/values.js';
import { JOB_ENV } from './bash.js';
import { ARRAY, ours, own, PATHS, render, specOf } from './specs.js';

const values = Object.keys(scriptValues(specOf(), ARRAY, PATHS));

describe("a user's own template", () => {
  const rendered = (body: string) => render({}, { template: own(body) }).split('\n');

  test.each([
    ['with a shebang', '#!/bin/bash -l\nsrun hostname\n', '#!/bin/bash -l', 'srun hostname'],
    ['without one', 'srun hostname\n', '#!/bin/bash', 'srun hostname'],
    ['of one line', '#!/usr/bin/env bash', '#!/usr/bin/env bash', ''],
    ['with DOS line breaks', '#!/bin/bash\r\nsrun hostname\r\n', '#!/bin/bash', 'srun hostname'],
    ['with a byte order mark', '\ufeff#!/bin/bash\nsrun hostname\n', '#!/bin/bash', 'srun hostname'],
    ['that is empty', '', '#!/bin/bash', ''],
  ])('%s: shebang, spec, our #SBATCH lines, then its text', (_what, body, shebang, text) => {
    const [first, second, ...rest] = rendered(body);
    expect(first).toBe(shebang);
    expect(parseSpecLine(second ?? '')?.submission.id).toBe(ARRAY.id);
    const lines = rest.filter((line) => line !== '');
    const directives = lines.filter((line) => line.startsWith('#SBATCH '));
    expect(lines.slice(0, directives.length)).toEqual(directives);
    expect(lines.slice(directives.length).join('\n')).toBe(text);
    expect([first, second, ...rest].join('')).not.toContain('\r');
  });

  test('needs nothing but its partials for a runtime to report what the node lacks', async () => {
    const { partials } = await loadTemplate(null, 'embedded', 'slurm');
    const template = { ...own('{{> cluster}}\n{{> runtime}}\nstart_server\necho it went on'), partials };
    const script = render(
      { job: { runtime: 'embedded' } },
      { template, paths: { ...PATHS, program: '/nowhere/"sandboxctl"' } },
    );
    const { status, stdout, stderr } = spawnSync('bash', ['-s'], {
      input: script,
      env: { PATH: process.env.PATH, ...JOB_ENV },
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 72, stdout: '' });
    expect(parseScriptLine(stderr)).toEqual({
      event: 'failed sandboxctl-not-visible',
      values: { node: 'node4', path: '/nowhere/"sandboxctl"' },
    });
  });

  test('can name every value, and uses lists and partials', () => {
    const body = `${values.map((name) => `: {{${name}}}`).join('\n')}
{{#each env}}
export {{key}}={{this.value}} # {{@index}} {{../fleet}} {{@root.port}}
{{/each}}
{{#each env as |one|}}{{one.key}} {{../fleet}}{{/each}}
{{#if mounts}}{{mounts}}{{else if environmentFile}}{{environmentFile}}{{else}}none{{/if}}
  {{> cluster}}
{{> runtime}}`;
    const env = [{ key: 'A', value: 'two\n  lines' }];
    const text = render({ job: { env } }, { template: own(body) });
    expect(text).toContain("export A='two\n  lines' # 0 'sandbox' 8080");
    expect(text).toContain('start_server() {');
  });

  test('adds #SBATCH lines that are not ours', () => {
    const text = render({}, { template: own('#SBATCH --licenses=x\nsrun hostname\n') });
    expect(text).toContain('--open-mode=append\n#SBATCH --licenses=x\nsrun hostname');
  });
});

test.each([
  ['{{nosuch}}', '1:3: "nosuch" is no value of a template'],
  ['a\n  {{ nosuch }}', '2:6: "nosuch" is no value'],
  ['{{#if nosuch}}x{{/if}}', '1:7: "nosuch" is no value'],
  ['{{#unless nosuch}}x{{/unless}}', '1:11: "nosuch" is no value'],
  ['{{#if mounts}}{{nosuch}}{{/if}}', '1:17: "nosuch" is no value'],
  ['{{#if port}}{{else}}\n{{nosuch}}{{/if}}', '2:3: "nosuch" is no value'],
  ['{{#each nosuch}}x{{/each}}', '1:9: "nosuch" is no value'],
  ['{{#each env}}\n{{nosuch}}{{/each}}', '2:3: "nosuch" is no value'],
  ['{{#each env}}{{fleet}}{{/each}}', '1:16: "fleet" is no value'],
  ['{{#each env}}{{#if nosuch}}{{/if}}{{/each}}', '1:20: "nosuch" is no value'],
  ['{{#each env}}{{../nosuch}}{{/each}}', '1:16: "../nosuch" is no value'],
  ['{{#each env}}{{@nosuch}}{{/each}}', '1:16: "@nosuch" is no value'],
  ['{{../fleet}}', '1:3: "../fleet" is no value'],
  ['{{#if (lookup nosuch "x")}}{{/if}}', '1:15: "nosuch" is no value'],
  ['\n{{shout fleet}}', '2:3: "shout" is no helper'],
  ['{{#shout fleet}}{{/shout}}', '1:4: "shout" is no helper'],
  ['{{log fleet}}', '1:3: "log" is no helper'],
  ['\n{{> nosuch}}', '2:5: "nosuch" is no partial'],
  ['{{#if mounts}}{{> nosuch}}{{/if}}', '1:19: "nosuch" is no partial'],
  ['{{#*inline "x"}}y{{/inline}}', '1:1: decorators'],
  ['{{env.nosuch}}', '1:3: "nosuch" not defined'],
  ['a\n{{#if port}}b\n', '3:1: Parse error on line 3'],
  ['{{#if port}}{{/each}}', "1:4: if doesn't match each"],
  ['x\n  {{ port !}}', '2:11: Parse error on line 2'],
  ['echo {{}}', '1:8: Parse error on line 1'],
  ['{{/if}}', '1:1: Parse error on line 1'],
  ['#!/bin/bash\n#SBATCH --job-name=mine\n', '2:1: --job-name belongs to sandboxctl: use --fleet'],
  ['#SBATCH --ntasks-per-node=1\n', '1:1: --ntasks-per-node belongs to sandboxctl'],
  ['#!/bin/bash\r\n\r\n{{nosuch}}', '3:3: "nosuch" is no value'],
])('%j is told with line and column', (body, detail) => {
  expect(() => render({}, { template: own(body) })).toThrowError(
    expect.objectContaining({
      kind: 'config',
      message: 'the template mine.hbs cannot be rendered',
      detail: expect.stringContaining(`mine.hbs:${detail}`),
      hint: expect.stringContaining('docs/templates.md'),
    }),
  );
});

test('our own templates name only what is there, whatever is set', () => {
  const env = [
    { key: 'A', value: 'b' },
    { key: 'C', secret: '01234567' },
  ];
  for (const changes of [{}, { job: { env, mounts: ['/a:/b'] } }]) {
    const text = render(changes);
    expect(text).not.toContain('{{');
    expect(text).not.toMatch(/undefined|\[object/);
  }
  const named = new Set(
    [ours.body, ...Object.values(ours.partials)].flatMap((text) =>
      [...text.matchAll(/\{\{(?:#if |#each )?(\w+)\}\}/g)].map((match) => match[1]),
    ),
  );
  expect([...named].filter((name) => !values.includes(name ?? ''))).toEqual([]);
});
