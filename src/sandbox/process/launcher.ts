import { closeSync } from 'node:fs';
import { messageOf, printable } from '../../errors.js';
import { inheritedDescriptors, quietNode } from '../../node.js';
import { smallHeap } from '../http/heap.js';
import { isolationOf } from '../isolation/isolation.js';
import { stageTools } from '../isolation/lite/stage.js';
import { endLargest, largestHeld } from '../limits/watch.js';
import type { Isolated, Program } from '../types.js';
import { type LauncherReply, type LauncherRequest, toFailure } from './messages.js';
import { Pieces, sendInPieces } from './pieces.js';

// Spawns programs for the server: one thread can start some hundreds a second, and its mount namespace may have
// opened closed folders.

quietNode();
// Before anything is started here: what the server's caller left open is no program's.
for (const fd of inheritedDescriptors()) closeSync(fd);
process.on('uncaughtException', (error) => {
  process.stderr.write(`sandboxctl serve: a launcher failed: ${printable(messageOf(error))}\n`);
  process.exit(1);
});

let isolated: Isolated | undefined;
const running = new Map<number, { cancel: AbortController; ended: Promise<void> }>();

const tidy = smallHeap();

const pieces = new Pieces();

const say = (word: LauncherReply) => process.connected && process.send?.(word);
const written = (word: LauncherReply) =>
  new Promise<void>((resolve) => {
    if (process.connected) process.send?.(word, undefined, undefined, () => resolve());
    else resolve();
  });

process.on('message', (order: LauncherRequest) => {
  if ('begin' in order) begin(order);
  else if ('measure' in order) say({ largest: largestHeld() });
  else if ('endLargest' in order) endLargest();
  else if ('show' in order) isolated?.show?.(order.show);
  else if ('piece' in order) pieces.add(order);
  else if ('cancel' in order) {
    pieces.forget(order.id);
    running.get(order.id)?.cancel.abort(new Error('cancelled'));
  } else {
    const cancel = new AbortController();
    const ended = run(order.id, pieces.join(order.id, order.program), cancel.signal).finally(() => {
      running.delete(order.id);
      tidy();
    });
    running.set(order.id, { cancel, ended });
  }
});
process.on('disconnect', () => void leave().finally(() => process.exit()));

async function leave(): Promise<void> {
  const runs = [...running.values()];
  for (const { cancel } of runs) cancel.abort(new Error('the server is gone'));
  await Promise.all(runs.map(({ ended }) => ended));
  await isolated?.close();
}

function begin({ begin: plan, offset, stage }: Extract<LauncherRequest, { begin: unknown }>): void {
  try {
    if (stage.length > 0) stageTools(stage);
    isolated = isolationOf(plan, offset);
    say({ ready: true });
  } catch (error) {
    say({ broken: toFailure(error).message });
  }
}

async function run(id: number, program: Program, signal: AbortSignal): Promise<void> {
  try {
    if (isolated === undefined) throw new Error('a program came before the plan');
    const outcome = await isolated.run(program, signal);
    await sendInPieces(id, outcome, (message) =>
      'piece' in message ? written(message) : void say({ id, outcome: message.value }),
    );
  } catch (error) {
    say({ id, failure: toFailure(error) });
  }
}
