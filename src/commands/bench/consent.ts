import { userInfo } from 'node:os';
import type { DatasetFacts } from '../../bench/report/report.js';
import { counted } from '../../bench/report/units.js';
import type { Context } from '../context.js';
import { type Options, usage } from './options.js';

/** Programs of a file may do anything, and two methods let them. Throws kind `usage` unless the user agrees. */
export async function confirmUnisolated(
  { io }: Context,
  { methods }: Options,
  { name, problems }: DatasetFacts,
): Promise<void> {
  const open = methods.filter((method) => method === 'subprocess' || method === 'none');
  if (open.length === 0) return;
  const verb = open.length === 1 ? 'runs' : 'run';
  const question = `${open.join(' and ')} ${verb} the ${counted(problems, 'program')} of ${name} on this machine without isolation, as ${userInfo().username}. Run them?`;
  if (await io.confirm(question)) return;
  throw usage('not confirmed: nothing was run', '--method lite runs them isolated only; --yes confirms');
}
