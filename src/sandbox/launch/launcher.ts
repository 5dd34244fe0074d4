import { isolationOf } from '../isolation.js';
import { stageTools } from '../lite/stage.js';
import type { Isolated, Program } from '../types.js';
import { type Order, toFailure, type Word } from './messages.js';

// A process that spawns programs for the server: one thread can start some hundreds a second, and where tools
// lie in a closed folder, it is this process that stands in a mount namespace where the way is open.

let isolated: Isolated | undefined;
const running = new Map<number, AbortController>();

const say = (word: Word) => process.send?.(word);

process.on('message', (order: Order) => {
  if ('begin' in order) begin(order);
  else if ('cancel' in order) running.get(order.id)?.abort(new Error('cancelled'));
  else void run(order.id, order.program);
});
process.on('disconnect', () => {
  for (const each of running.values()) each.abort(new Error('the server is gone'));
  void isolated?.close().finally(() => process.exit());
});

function begin({ begin: plan, offset, stage }: Extract<Order, { begin: unknown }>): void {
  try {
    if (stage.length > 0) stageTools(stage);
    isolated = isolationOf(plan, offset);
    say({ ready: true });
  } catch (error) {
    say({ broken: toFailure(error).message });
  }
}

async function run(id: number, program: Program): Promise<void> {
  const cancel = new AbortController();
  running.set(id, cancel);
  try {
    if (isolated === undefined) throw new Error('a program came before the plan');
    say({ id, outcome: await isolated.run(program, cancel.signal) });
  } catch (error) {
    say({ id, failure: toFailure(error) });
  } finally {
    running.delete(id);
  }
}
