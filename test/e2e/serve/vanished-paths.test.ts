import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WITHOUT_BWRAP } from './as-root.js';
import { ownView } from './own-view.js';
import { serving } from './serving.js';

/** How many of four paths are left: by unshare the trial of a language and its first program find one gone each. */
const KINDS: readonly [string, string, readonly string[], number][] = [
  ['bubblewrap', 'bwrap', [], 0],
  ['unshare', 'unshare', WITHOUT_BWRAP, 2],
];

test.each(KINDS)(
  'a run whose sandbox was to show what vanishes, again and again, gets one that starts, by %s',
  async (_, tool, words, left) => {
    const view = await ownView(['/opt']);
    onTestFinished(view.close);
    const here = await mkdtemp(view.path('/opt/vanishing-'));
    // Whoever starts the sandbox takes it away.
    await chmod(here, 0o777);
    const folder = join('/opt', basename(here));
    const [late, real] = [join(folder, 'late'), join(folder, 'real')];
    // Each sandbox that is started finds that one of the pipes is gone, over which something lies in every sandbox.
    const script = `#!/bin/sh
for each in ${folder}/inner-*; do [ -p $each/pipe ] && rm -r $each && break; done
exec ${real} "$@"
`;
    await writeFile(view.path(late), script, { mode: 0o755 });
    await writeFile(view.path(real), '');
    const place = `$(command -v ${tool})`;
    const instead = `mount --bind ${place} ${real} && mount --bind ${late} ${place} && exec "$@"`;
    const before = [
      ...view.words,
      ...words,
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      instead,
      'sh',
    ];
    const served = await serving(['--warm', 'off'], { before });
    const pipes = [1, 2, 3, 4].map((each) => join(here, `inner-${each}`, 'pipe'));
    for (const pipe of pipes) {
      await mkdir(join(pipe, '..'));
      await chmod(join(pipe, '..'), 0o777);
      execFileSync('mkfifo', [pipe]);
    }
    const { status, message, run_result } = await served.run({ language: 'bash', code: 'echo here' });
    expect({ status, message, stdout: run_result?.stdout }).toMatchObject({
      status: 'Success',
      stdout: 'here\n',
    });
    expect(pipes.filter((pipe) => existsSync(pipe))).toHaveLength(left);
  },
);
