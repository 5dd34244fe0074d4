import { expect, test } from 'vitest';
import { type Changes, directivesOf, FAR, PLAIN, render } from './specs.js';

test('a plain deploy asks for what the guide asks for', () => {
  expect(directivesOf(render())).toEqual([
    '--job-name=sandboxctl-sandbox',
    '--comment=sandboxctl:sandbox:3:abc123',
    '--output=/home/me/logs/sandbox-%A_%a.log',
    '--nodes=1',
    '--ntasks-per-node=1',
    '--mem=0',
    '--time=4-00:00:00',
    '--partition=cpuonly',
    '--exclusive',
    '--no-requeue',
    '--open-mode=append',
  ]);
});

const slurm = (changes: NonNullable<Changes['job']>['slurm']): Changes => ({
  job: { slurm: { ...changes } },
});

test.each<[string, Changes, string[], string[]]>([
  ['exclusive without --mem takes all memory', {}, ['--exclusive', '--mem=0'], []],
  ['exclusive with --mem', slurm({ mem: '64G' }), ['--exclusive', '--mem=64G'], ['--mem=0']],
  ['shared', slurm({ exclusive: false, cpusPerTask: 8 }), ['--cpus-per-task=8'], ['--exclusive', '--mem=0']],
  ['one node', slurm({ nodelist: ['node2'] }), ['--nodelist=node2'], ['--exclude=node2']],
  ['several nodes', slurm({ nodelist: ['node1', 'node2'] }), [], ['--nodelist=node1,node2']],
  [
    'all that names something',
    slurm({ account: 'a', qos: 'q', constraint: 'avx&x', reservation: 'r' }),
    ['--account=a', '--qos=q', '--constraint="avx&x"', '--reservation=r'],
    [],
  ],
  [
    'more lines',
    slurm({ args: ['--nice', '-L matlab', '--wckey=a "b" #c', '--licenses=x=1'] }),
    ['--nice', '-L matlab', '--wckey="a \\"b\\" #c"', '--licenses=x=1'],
    [],
  ],
])('%s', (_what, changes, there, missing) => {
  const found = directivesOf(render(changes));
  expect(found).toEqual(expect.arrayContaining(there));
  for (const line of missing) expect(found).not.toContain(line);
});

test('nodes that the job may not get are excluded', () => {
  expect(directivesOf(render({}, { excluded: ['node3', 'node4'] }))).toContain('--exclude=node3,node4');
});

test('the log of a plain job has its id and instance: %a is 4294967294 there', () => {
  expect(directivesOf(render({}, { submission: PLAIN }))).toContain(
    '--output=/home/me/logs/sandbox-%j_2.log',
  );
  expect(directivesOf(render({}, { submission: FAR }))).toContain('--output=/home/me/logs/sandbox-%A_%a.log');
});

test('the folder of the log may hold no pattern: Slurm makes no folders, and its jobs would never start', () => {
  for (const output of ['/home/me/%j/x.log', '/home/%u/logs/%A_%a.log', '/home/100%%%j/x.log']) {
    expect(() => render({ output })).toThrowError(
      expect.objectContaining({ kind: 'config', detail: `--output=${JSON.stringify(output)}` }),
    );
  }
  expect(directivesOf(render({ output: '/home/100%%/%j.log' }))).toContain('--output=/home/100%%/%j.log');
});

test.each(['/home/a\nb/%j.log', '/home/a\rb/%j.log'])(
  'a value that would end its line is refused: %j',
  (output) => {
    expect(() => render({ output })).toThrowError(
      expect.objectContaining({ kind: 'config', detail: expect.stringContaining('--output') }),
    );
  },
);
