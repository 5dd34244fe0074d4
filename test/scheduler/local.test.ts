import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/process/run.js';
import { localScheduler } from '../../src/scheduler/local/adapter.js';
import { CALLERS, schedulerContract } from './contract.js';

schedulerContract('the local cluster', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-local-'));
  const env = { ...process.env, ...CALLERS };
  return {
    scheduler: localScheduler({ run, env, folder: join(folder, 'state'), now: Date.now, grace: 2 }),
    folder,
    shortLimit: '0:03',
    leave: () => rm(folder, { recursive: true }),
  };
});
