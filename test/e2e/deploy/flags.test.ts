import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optionsFor } from '../../../src/config/flags.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { inParts } from '../../support/parts.js';
import { errorOf } from './error-output.js';

let lab: Lab;
let home: string;
/** What --dry-run prints: the plan and the script, but for the line with the spec, which has everything. */
let plain: string;
let all: string;

beforeAll(async () => {
  lab = await startLab({ nodes: 3 });
  home = lab.users[0].home;
  [plain, all] = await Promise.all([
    planned('--nodes', '1'),
    planned(...FLAGS.flatMap(([flag, value]) => (value === null ? [flag] : [flag, value]))),
  ]);
});
afterAll(() => lab?.down());

async function planned(...argv: string[]): Promise<string> {
  const done = await lab.deploy(['--dry-run', ...argv], { env: { CALLERS: 'x' } });
  expect(done.code, done.stderr).toBe(0);
  return done.stdout.replace(/^# sandboxctl-spec: .*\n/m, '');
}

/** Flags that hold together, and what each makes of the plan or the script. */
const FLAGS: readonly (readonly [flag: string, value: string | null, effect: RegExp])[] = [
  ['--nodes', '2', /^# plan: 2 servers .*\n# sbatch .*--array=0-1 /],
  ['--cluster', 'slurm', /^# sbatch /m],
  ['--partition', 'short', /^#SBATCH --partition=short$/m],
  ['--nodelist', 'node[1-2]', /^#SBATCH --exclude=.*\bnode3$/m],
  ['--exclude', 'node2', /^#SBATCH --exclude=node2\b/m],
  ['--time', '30', /^# plan: .* for 30 min,(?:.*\n)*#SBATCH --time=30$/m],
  ['--cpus-per-task', '3', /^#SBATCH --cpus-per-task=3$/m],
  ['--mem', '200M', /^#SBATCH --mem=200M$/m],
  ['--account', 'a', /^#SBATCH --account=a$/m],
  ['--qos', 'q', /^#SBATCH --qos=q$/m],
  ['--constraint', 'x&y', /^#SBATCH --constraint="x&y"$/m],
  ['--reservation', 'r', /^#SBATCH --reservation=r$/m],
  ['--sbatch-arg', '--nice=5', /^#SBATCH --nice=5$/m],
  ['--runtime', 'pyxis', /^ {4}--container-image=/m],
  ['--port', '9000', /\b9000\b/],
  ['--port-range', '9100-9110', /\b9100\b.*\b9110\b/],
  ['--workers', '7', /^WORKERS='?7'?$/m],
  ['--env', 'A=b', /^ {2}printf 'export %s=%q\\n' A 'b'$/m],
  ['--env', 'CALLERS', /^ {2}cat .*\/environment-\w+\.sh'?$/m],
  ['--mount', '/data:/data', /--container-mounts='?\/data:\/data'? /],
  ['--output', '/tmp/%j.log', /^#SBATCH --output=\/tmp\/%j\.log$/m],
  ['--log-cap', '10M', /^LOG_HALF=5\d{6}$/m],
  ['--endpoint-host', 'fqdn', /^ENDPOINT_HOST='?fqdn'?$/m],
  ['--gateway', 'job', /^# plan: .*, a gateway in a job of its own$/m],
  ['--gateway-partition', 'cpuonly', /^#SBATCH --partition=cpuonly$/m],
  ['--gateway-port', '9123', /\b9123\b/],
  ['--drain', '7s', /^#SBATCH --signal=B:USR1@22$/m],
  ['--no-exclusive', null, /--mem=200M\n(?:#SBATCH (?!--exclusive).*\n)+\n/],
];
/** The same of a plain deploy on a partition of its own. */
const ALSO_PLAIN = ['--cluster', '--runtime', '--gateway-partition'];

test.each(FLAGS.map(([flag, value, effect]) => [flag, value ?? '', effect] as const))(
  '%s %s',
  (flag, _value, effect) => {
    expect(all).toMatch(effect);
    if (!ALSO_PLAIN.includes(flag)) expect(plain).not.toMatch(effect);
  },
);

describe('the effect of', () => {
  test('--template', async () => {
    const path = join(home, 'own.hbs');
    await writeFile(path, '#!/bin/bash\necho {{port}}\n');
    expect(await planned('--nodes', '1', '--template', path)).toMatch(
      /\n#SBATCH --open-mode=append\necho 8080\n$/,
    );
  });

  test('--isolation on the embedded server', async () => {
    const argv = ['--nodes', '1', '--runtime', 'embedded', '--isolation'];
    expect(await planned(...argv, 'none')).toMatch(/serve .*--isolation '?none'? /);
    expect(await planned(...argv, 'lite')).toMatch(/serve .*--isolation '?lite'? /);
  });

  test('--max-surge, --max-unavailable, --renew-before and --wedged-after on the spec that jobs carry', async () => {
    const argv = [
      '--max-surge',
      '2',
      '--max-unavailable',
      '1',
      '--renew-before',
      '2h',
      '--wedged-after',
      '5m',
    ];
    const { stdout } = await lab.deploy(['--dry-run', '--nodes', '1', ...argv]);
    const carried = JSON.parse(/^# sandboxctl-spec: (.*)$/m.exec(stdout)?.[1] ?? '{}');
    expect(carried.spec.upkeep).toEqual({
      maxSurge: 2,
      maxUnavailable: 1,
      renewBefore: 7200,
      wedgedAfter: 300,
    });
  });

  test('--image and --image-dir on the job', async () => {
    const argv = ['deploy', '--nodes', '1', '--image', 'team/box:1', '--image-dir', '/somewhere'];
    const said = errorOf(await lab.sandboxctl(argv));
    expect(said).toMatchObject({ code: 5, what: 'the image /somewhere/team+box+1.sqsh cannot be used' });
    expect(plain).toMatch(new RegExp(`^IMAGE='?${lab.image}'?$`, 'm'));
  });
});

/** Nothing of these is in a script: another file of this folder sees what they do. */
const ELSEWHERE: Record<string, string> = {
  '--cluster-name': 'cluster-name',
  '--checkout': 'runtimes/checkout',
  '--checkout-env': 'runtimes/checkout',
  '--client-config': 'output',
  '--wait': 'output',
  '--min-ready': 'output',
  '--pending-timeout': 'output',
  '--dry-run': 'output',
  '--json': 'output',
  '--yes': 'adopted-jobs',
  '--timeout': 'failures',
  '--probe-from': 'network',
  '--keep': '../keep/slurm',
  '--keeper-partition': '../keep/slurm',
  '--idle-stop': '../keep/idle',
  '--on-ready': '../keep/idle',
  '--on-endpoints': '../keep/idle',
  '--on-failure': '../keep/idle',
};

test('every flag of deploy has a row here', () => {
  const here = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const missing = optionsFor('deploy')
    .flatMap(({ flags, negation }) => [/--[a-z-]+/.exec(flags)?.[0] ?? '', negation ?? ''])
    .filter((flag) => flag !== '' && !flag.startsWith('--no-'))
    .filter((flag) => {
      const file = ELSEWHERE[flag];
      const text =
        file === undefined ? here : readFileSync(new URL(`${file}.test.ts`, import.meta.url), 'utf8');
      return !new RegExp(`'(${flag}|${flag.replace('--', '--no-')})'`).test(text);
    });
  expect(missing).toEqual([]);
});

describe('deploy refuses and writes nothing for', () => {
  const cases: [
    string,
    string[],
    { code: number; what: string | RegExp; words?: string | RegExp; hint: RegExp },
  ][] = [
    [
      '--env of a variable that the caller does not have',
      ['--env', 'NOWHERE'],
      {
        code: 2,
        what: '--env NOWHERE: your environment has no variable of this name',
        hint: /NOWHERE=VALUE/,
      },
    ],
    [
      '--mount for the embedded server',
      ['--runtime', 'embedded', '--mount', '/a:/b'],
      { code: 2, what: /^the runtime embedded has no container/, words: 'mount: /a:/b', hint: /--mount/ },
    ],
    [
      '--mount of a path that pyxis cannot say',
      ['--runtime', 'pyxis', '--mount', '/a$b:/c'],
      {
        code: 2,
        what: 'pyxis cannot mount paths with $, ` or "',
        words: 'mount: /a$b:/c',
        hint: /symbolic link/,
      },
    ],
    [
      'pyxis on this machine',
      ['--cluster', 'local', '--runtime', 'pyxis'],
      { code: 2, what: /^the runtime pyxis needs Slurm/, hint: /--runtime/ },
    ],
    [
      'a fleet with an impossible name',
      ['--fleet', 'My Fleet'],
      { code: 2, what: "'My Fleet' is no name for a fleet", words: /^a name has 1 to 32/, hint: /--fleet/ },
    ],
    [
      'a log path with a backslash',
      ['--output', '/tmp/a\\b/%j.log'],
      { code: 3, what: /^the path of the log holds a backslash/, words: /^--output=/, hint: /--output/ },
    ],
    [
      'a value that the flag cannot have',
      ['--runtime', 'docker'],
      { code: 2, what: /^--runtime must be one of .*"docker"\)$/, words: /^$/, hint: /--help/ },
    ],
    [
      'a flag that there is not',
      ['--frob'],
      { code: 2, what: /unknown option '--frob'/, hint: /deploy --help/ },
    ],
    ['a word too many', ['four'], { code: 2, what: /too many arguments/, hint: /deploy --help/ }],
    [
      'a config file that is not there',
      ['--config', '/nowhere.yaml'],
      { code: 3, what: /\/nowhere\.yaml/, words: 'looked at /nowhere.yaml', hint: /--config|-c / },
    ],
  ];
  for (const { rows, tags } of inParts(cases, 2))
    test.each(rows)('%s', { tags }, async (_what, argv, { code, what, words = '', hint }) => {
      const said = errorOf(await lab.deploy(['--nodes', '1', ...argv]));
      expect(said.code).toBe(code);
      for (const [told, wanted] of [
        [said.what, what],
        [said.words, words],
        [said.hint, hint],
      ] as const)
        expect(told).toEqual(typeof wanted === 'string' ? wanted : expect.stringMatching(wanted));
      await expect(readdir(lab.state('fleets'))).rejects.toThrow('ENOENT');
    });

  test('--cluster slurm on a machine without Slurm', async () => {
    const bin = await ownedFolder(join(home, 'bin'), lab.users[0]);
    await lab.run(['sh', '-c', 'ln -s "$(command -v node)" "$(command -v sandboxctl)" ~/bin']);
    const argv = ['deploy', '--nodes', '1', '--cluster', 'slurm', '--image', lab.image];
    const said = errorOf(await lab.sandboxctl(argv, { env: { PATH: bin } }));
    expect(said).toMatchObject({ code: 4, what: expect.stringMatching(/^squeue was not found/) });
  });
});
