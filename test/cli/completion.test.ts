import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidates } from '../../src/cli/completion/candidates.js';
import { VERBS } from '../../src/cli/verbs.js';
import { valuesOf } from '../../src/commands/completion/values.js';
import { writeEndpoints } from '../../src/endpoints/file.js';
import { endpoint, fleet } from '../endpoints/samples.js';
import { sandboxctl } from './run.js';

const run = promisify(execFile);
const BIN = fileURLToPath(new URL('../../bin/sandboxctl.js', import.meta.url));

let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandboxctl-completion-'));
  for (const name of ['eval', 'train']) {
    const home = join(folder, 'state/fleets', name);
    mkdirSync(home, { recursive: true });
    await writeEndpoints(
      join(home, 'endpoints.json'),
      fleet([endpoint(0, { job_id: `${name.length}_0` })], { fleet: name }),
    );
  }
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(BIN, join(bin, 'sandboxctl'));
  // Every question to Slurm leaves a mark.
  for (const [tool, says] of [
    ['sinfo', 'cpuonly\ngpu'],
    ['squeue', ''],
    ['scontrol', ''],
  ] as const) {
    writeFileSync(join(bin, tool), `#!/bin/sh\necho ${tool} >>'${folder}/asked'\nprintf '%s\\n' '${says}'\n`);
    chmodSync(join(bin, tool), 0o755);
  }
  env = { PATH: `${bin}:${process.env.PATH}`, SANDBOXCTL_STATE_DIR: join(folder, 'state'), HOME: folder };
});
afterAll(() => rmSync(folder, { recursive: true }));

async function offered(...words: string[]): Promise<string[]> {
  const partitions = async () => ['cpuonly', 'gpu'];
  const sources = { stateFolder: join(folder, 'state'), partitions };
  const found = await candidates(VERBS, words, (asked) => valuesOf(asked, sources));
  return found.map(({ value }) => value);
}

describe('completion offers', () => {
  it.each<[string[], string[]]>([
    [['dep'], ['deploy']],
    [['config', ''], ['show']],
    [['conf'], ['config']],
    [['deploy', '--part'], ['--partition']],
    [['deploy', '--no-w'], ['--no-wait']],
    [
      ['deploy', '--runtime', ''],
      ['auto', 'pyxis', 'enroot', 'checkout', 'embedded'],
    ],
    [
      ['deploy', '--runtime', 'e'],
      ['enroot', 'embedded'],
    ],
    [
      ['deploy', '--runtime=e'],
      ['--runtime=enroot', '--runtime=embedded'],
    ],
    [
      ['deploy', '--runtime', '=', 'e'],
      ['enroot', 'embedded'],
    ],
    [['deploy', '--nodes', ''], []],
    [['deploy', '--exclusive', '--tem'], ['--template']],
    [['deploy', '--template', ''], [':files']],
    [['deploy', '-p', 'c'], ['cpuonly']],
    [
      ['stop', '--fleet', ''],
      ['eval', 'train'],
    ],
    [['--fleet', 'train', 'sta'], ['status']],
    [
      ['logs', ''],
      ['4_0', '5_0'],
    ],
    [['logs', '4_0', ''], []],
    [
      ['endpoints', '--format', 'v'],
      ['verl', 'verl-tool'],
    ],
    [['run', ''], [':files']],
    [['completion', 'f'], ['fish']],
    [['nosuch', ''], []],
    [['init', '--ch'], ['--checkout']],
    [['init', '--checkout', ''], [':files']],
    [['init', '-p', 'g'], ['gpu']],
    [['help', 'exit'], ['exit-codes']],
    [['help', 'endp'], ['endpoints']],
    [['help', 'config', ''], ['show']],
  ])('%j: %j', async (words, values) => expect(await offered(...words)).toEqual(values));

  it('all commands before anything is typed', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['deploy', 'endpoints', 'config', 'help']));
  });
});

it.each([
  [['-M', 'west', '--partition', ''], {}, '-M west '],
  [['--cluster-name=west', '-p', ''], { SLURM_CLUSTERS: 'east' }, '-M west '],
  [['-p', ''], { SLURM_CLUSTERS: 'east' }, '-M east '],
  [['-p', ''], { SLURM_CLUSTERS: 'east,west' }, ''],
])('partitions are those of the cluster that is meant: %j, %j', async (words, more, option) => {
  rmSync(join(folder, 'asked'), { force: true });
  const said = join(folder, 'bin/sinfo');
  writeFileSync(said, `#!/bin/sh\necho "$*" >'${folder}/asked'\nprintf '%s\\n' cpuonly gpu\n`);
  await sandboxctl(['completion', 'words', '--', 'deploy', ...words], { env: { ...env, ...more } });
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(`${option}-h -o %R\n`);
});

it('completion without an answer from Slurm is empty and no error', async () => {
  const none = { ...env, PATH: join(folder, 'nothing') };
  const told = await sandboxctl(['completion', 'words', '--', 'deploy', '--partition', ''], { env: none });
  expect(told).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

describe('completion scripts work in', () => {
  it.each([
    ['sandboxctl dep', 'deploy'],
    ['sandboxctl deploy --runtime=em', 'embedded'],
    ['sandboxctl deploy --partition ', 'cpuonly gpu'],
  ])('bash: %s', async (line, values) => {
    const script = `source <(sandboxctl completion bash)
      COMP_LINE=$1 COMP_WORDBREAKS=$' \\t=' COMP_WORDS=(); line=\${1//=/ = }; read -ra COMP_WORDS <<<"$line"
      [[ $1 == *' ' ]] && COMP_WORDS+=("")
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _sandboxctl; echo "\${COMPREPLY[*]}"`;
    const { stdout, stderr } = await run('bash', ['-c', script, 'bash', line], { env });
    expect({ stdout, stderr }).toEqual({ stdout: `${values}\n`, stderr: '' });
  });

  it.each([
    ['sandboxctl dep', 'deploy\tDeploy a fleet and wait until its servers are ready\n'],
    ['sandboxctl deploy --partition ', 'cpuonly\tpartition\ngpu\tpartition\n'],
  ])('fish: %s', async (line, values) => {
    const script = 'sandboxctl completion fish | source; complete -C $argv[1]';
    const { stdout } = await run('fish', ['--no-config', '-c', script, line], { env });
    expect(stdout).toBe(values);
  });

  it('zsh', async () => {
    // zsh completes at a terminal of its own only.
    const script = `zmodload zsh/zpty; zpty z zsh -f -i
      zpty -w z "PS1=; autoload -Uz compinit; compinit -u -D; source <(sandboxctl completion zsh); print R\${:-}EADY"
      until [[ $text == *READY* ]]; do zpty -r z line; text+=$line; done
      zpty -wn z $'sandboxctl depl\\t --runtime em\\t'; zpty -r z line '*embedded*'; print -r -- $line
      zpty -w z $'\\x15exit'; zpty -d z`;
    const { stdout } = await run('zsh', ['-f', '-c', script], {
      env: { ...env, TERM: 'dumb' },
      timeout: 240_000,
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what the terminal is told between
    expect(stdout).toMatch(/sandboxctl deploy[\s\x1b\x08[0-9;m]*--runtime embedded/);
  });

  it('completion refuses an unknown shell', async () => {
    const told = await sandboxctl(['completion', 'tcsh'], { env });
    expect(told).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('bash, zsh, fish') });
  });
});
