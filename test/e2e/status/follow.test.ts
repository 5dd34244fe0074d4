import { expect, it } from 'vitest';
import { keeperStore } from '../../../src/state/keeper.js';
import { fleetStore } from '../../../src/state/store.js';
import { cli, ended, onTerminal, start } from '../../cli/run.js';
import { specOf } from '../../script/specs.js';
import { newState } from '../logs/state.js';

/** A fleet of two on this machine whose jobs nobody has started. */
async function withFleet() {
  const { state, options } = await newState();
  const store = fleetStore(state, 'train');
  await store.prepare();
  await store.writeSpec(specOf({ fleet: 'train', nodes: 2, job: { cluster: 'local' } }));
  return { state, options };
}

it('prints one line for each change off a terminal, until Ctrl-C', async () => {
  const { state, options } = await withFleet();
  const child = start(cli('status', '-f'), options);
  const whole = ended(child);
  const keeper = keeperStore(state, 'train');
  let text = '';
  let asked = false;
  child.stdout?.on('data', (chunk) => {
    text += chunk;
    if (!asked && text.includes('instance 1')) {
      asked = true;
      const time = new Date().toISOString();
      const where = { place: 'here', host: 'elsewhere', pid: 77, job_id: null } as const;
      void keeper.writeRecord({
        ...{ schema_version: 1, ...where, since: time, looked_at: time, written_at: time, problem: null },
      });
    }
    if (text.includes('keeper')) child.kill('SIGINT');
  });
  const { code, stdout, stderr } = await whole;
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d instance 0 has no job$/),
    expect.stringMatching(/^\d\d:\d\d:\d\d instance 1 has no job$/),
    expect.stringMatching(
      /^\d\d:\d\d:\d\d keeper: alive, pid 77 on elsewhere, since 0s, last looked 0s ago$/,
    ),
  ]);
});

it('reads the spec again: a server that another command asked for has a line of its own', async () => {
  const { state, options } = await withFleet();
  const child = start(cli('status', '-f'), options);
  const whole = ended(child);
  let text = '';
  let changed = false;
  child.stdout?.on('data', (chunk) => {
    text += chunk;
    if (!changed && text.includes('instance 1')) {
      changed = true;
      const spec = specOf({ fleet: 'train', generation: 2, nodes: 3, job: { cluster: 'local' } });
      void fleetStore(state, 'train').writeSpec(spec);
    }
    if (text.includes('instance 2 has no job')) child.kill('SIGINT');
  });
  expect((await whole).code).toBe(130);
});

it('takes the whole of a small terminal, and gives it back', async () => {
  const { options } = await withFleet();
  const size = { columns: 40, rows: 5 };
  const { code, stdout } = await onTerminal(
    cli('status', '-f'),
    { ...size, waitFor: 'updated', send: '\\x03' },
    options,
  );
  expect(code).toBe(130);
  const [before = '', entered = ''] = stdout.split('\u001b[?1049h');
  const [screen = '', after = ''] = entered.split('\u001b[?1049l');
  expect(before).toBe('');
  expect(screen.split('\u001b[H').every((picture) => picture.split('\n').length <= size.rows)).toBe(true);
  expect(screen).toContain('fleet train: 0 of 2 ready');
  expect(screen.lastIndexOf('\u001b[?25h')).toBeGreaterThan(screen.lastIndexOf('\u001b[?25l'));
  expect(after).not.toContain('updated');
});

it('needs a fleet', async () => {
  const { run } = await newState();
  expect(await run('status', '-f')).toMatchObject({ code: 7, stdout: '' });
});
