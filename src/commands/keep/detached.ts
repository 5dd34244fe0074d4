import { readFile } from 'node:fs/promises';
import { PROGRAM } from '../../control/submit.js';
import { SandboxctlError } from '../../errors.js';
import { detach } from '../../process/detach.js';
import { type KeeperRecord, type KeeperStore, keeperStatus } from '../../state/keeper.js';
import type { Context } from '../context.js';
import { STORED_REQUEST } from './stored-request.js';

const POLL_MS = 50;
/** Lines of a keeper's log that an error quotes. */
const TAIL = 12;

/** Starts a keeper in the background, and returns once it is active. Throws kind `refused` if it ends instead. */
export async function keepDetached(
  context: Context,
  keeper: KeeperStore,
  fleet: string,
): Promise<KeeperRecord> {
  const { log } = keeper.files;
  const config =
    context.globals.configFile === undefined ? [] : ['--config', context.path(context.globals.configFile)];
  const argv = [process.execPath, PROGRAM, 'keep', '--on', 'here', '--fleet', fleet, ...config];
  const { cwd, clock, signal } = context;
  const started = detach(argv, { env: { ...context.env, [STORED_REQUEST]: 'here' }, cwd, log });
  let over = false;
  void started.ended.then(() => {
    over = true;
  });
  for (;;) {
    signal.throwIfAborted();
    const { record, state } = await keeperStatus(context.stateFolder, fleet, clock.now());
    if (state === 'alive' && record?.pid === started.pid) return record;
    if (over) throw await endedAtOnce(log, fleet);
    await clock.sleep(POLL_MS, signal);
  }
}

async function endedAtOnce(log: string, fleet: string): Promise<SandboxctlError> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return new SandboxctlError('refused', {
    what: `the keeper of fleet ${fleet} ended at once`,
    hint: `'sandboxctl keep --on here --fleet ${fleet}' runs it in the foreground; its log is ${log}`,
    tail: text.trimEnd().split('\n').slice(-TAIL),
  });
}
