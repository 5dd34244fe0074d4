import { appendFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { FleetEvent } from '../../../src/fleet/events.js';
import { fleetStore } from '../../../src/state/store.js';
import { cli, ended, onTerminal, start } from '../../cli/run.js';
import { specOf } from '../../script/specs.js';
import { newState } from '../logs/state.js';

const event = (more: Partial<FleetEvent>): FleetEvent => ({
  schema_version: 1,
  time: '2026-01-31T12:45:09.000Z',
  fleet: 'sandbox',
  type: 'warning',
  ...more,
});
const PLAN = event({ type: 'plan', reason: '2 servers on cpuonly' });
const READY = event({ type: 'instance', instance: 1, job_id: '1000_1', node: 'node2', state: 'ready' });
const line = (one: FleetEvent) => `${JSON.stringify(one)}\n`;

async function withEvents(...written: FleetEvent[]) {
  const state = await newState();
  const store = fleetStore(state.state, 'sandbox');
  await store.prepare();
  for (const one of written) await store.appendEvents([one]);
  return { ...state, store };
}

it('events prints NDJSON into a pipe, without the incomplete line of a killed writer', async () => {
  const { run, store } = await withEvents(PLAN);
  await appendFile(store.folders.events, '{"schema_version":1,"ty\n');
  await store.appendEvents([READY]);
  await appendFile(store.folders.events, '{"half');
  expect(await run('events')).toEqual({ code: 0, stdout: line(PLAN) + line(READY), stderr: '' });
});

it('events prints a readable line per event on a terminal', async () => {
  const { options } = await withEvents(PLAN, READY);
  const { stdout } = await onTerminal(
    cli('events'),
    { columns: 200 },
    { ...options, env: { ...options.env, TZ: 'UTC' } },
  );
  expect(stdout).toMatch(/2026-01-31 12:45:09 {2}plan: 2 servers on cpuonly\r?\n/);
  expect(stdout).toMatch(/2026-01-31 12:45:09 {2}instance 1 is ready \(job 1000_1 on node2\)/);
});

it('events --follow continues until Ctrl-C', async () => {
  const { options, store } = await withEvents(PLAN);
  const child = start(cli('events', '-f'), options);
  const whole = ended(child);
  let text = '';
  child.stdout?.on('data', (chunk) => {
    if (text === '') void store.appendEvents([READY]);
    text += chunk;
    if (text.includes('1000_1')) child.kill('SIGINT');
  });
  expect(await whole).toEqual({ code: 130, stdout: line(PLAN) + line(READY), stderr: '' });
});

it('events exits with 7 without a fleet', async () => {
  const { run, state } = await newState();
  expect(await run('events')).toMatchObject({ code: 7, stdout: '' });
  expect((await run('events', '--fleet', 'Bad Name')).code).toBe(2);
  for (const fleet of ['a', 'b']) await fleetStore(state, fleet).prepare();
  const several = await run('events');
  expect(several).toMatchObject({ code: 2, stdout: '' });
  expect(several.stderr).toMatch(/2 fleets: say which one\n {2}a\n {2}b\n/);
  // A fleet that was stopped is none to choose from.
  await fleetStore(state, 'b').writeSpec({ ...specOf(), fleet: 'b', nodes: 0 });
  await fleetStore(state, 'a').appendEvents([PLAN]);
  expect((await run('events')).stdout).toBe(line(PLAN));
});
