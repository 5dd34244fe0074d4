import { describe, expect, it } from 'vitest';
import { stateFolder } from '../../src/cli/context.js';
import { canRedraw } from '../../src/cli/report/index.js';
import { connectScheduler } from '../../src/cli/scheduler.js';
import { run } from '../../src/process/run.js';

describe('the state folder', () => {
  it.each([
    [{ SANDBOXCTL_STATE_DIR: '/shared/state', XDG_STATE_HOME: '/xdg', HOME: '/home/u' }, '/shared/state'],
    [{ SANDBOXCTL_STATE_DIR: 'state', HOME: '/home/u' }, '/here/state'],
    [{ XDG_STATE_HOME: '/xdg', HOME: '/home/u' }, '/xdg/sandboxctl'],
    [{ XDG_STATE_HOME: 'relative', HOME: '/home/u' }, '/home/u/.local/state/sandboxctl'],
    [{ SANDBOXCTL_STATE_DIR: '', XDG_STATE_HOME: '', HOME: '/home/u' }, '/home/u/.local/state/sandboxctl'],
  ])('%j -> %s', (env, folder) => {
    expect(stateFolder(env, '/here')).toBe(folder);
  });
});

describe('the live view is shown for', () => {
  const terminal = { isTTY: true, columns: 80 };
  it.each([
    [terminal, {}, true],
    [terminal, { CI: '' }, true],
    [terminal, { CI: 'false' }, true],
    [terminal, { CI: '1' }, false],
    [terminal, { TERM: 'dumb' }, false],
    [{ isTTY: true, columns: 0 }, {}, false],
    [{ isTTY: false, columns: 80 }, {}, false],
  ])('%j %j -> %s', (stream, env, can) => {
    expect(canRedraw(stream, env)).toBe(can);
  });
});

it('a machine without Slurm is told from a Slurm that does not answer', async () => {
  await expect(
    connectScheduler(run, { PATH: '/nonexistent:/usr/share' }, 'slurm', '/nonexistent'),
  ).rejects.toMatchObject({
    kind: 'tool',
    message: 'squeue was not found: this machine has no Slurm',
  });
});
