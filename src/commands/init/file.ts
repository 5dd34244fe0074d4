import type { Config } from '../../config/settings.js';
import type { Entry } from '../../config/starter.js';
import { SandboxctlError } from '../../errors.js';
import type { Context } from '../context.js';

export interface StarterFile {
  head: string[];
  entries: Entry[];
  next: string[];
}

export function headFor(context: Context, where: string, from: string): string[] {
  const day = new Date(context.clock.now()).toISOString().slice(0, 10);
  return [
    `sandboxctl.yaml for ${where}, written by 'sandboxctl init' on ${day} from what ${from} reported.`,
    "A key behind a # shows the default or an example. 'sandboxctl config show --origin' prints the effective values and where each comes from; docs/config.md lists every key.",
  ];
}

export const CLIENTS: Entry = {
  key: 'clientConfig',
  value: ['sandbox.env'],
  about: ['Files for your clients, written when the servers are ready (docs/client-files.md).'],
  on: false,
};

/** 1 without a terminal. Throws kind `usage` for an answer that is not a number from 1 to `most`. */
export async function askNodes(
  { io }: Context,
  { nodes }: Pick<Config, 'nodes'>,
  question: string,
  most: number,
): Promise<number> {
  const answer = nodes === null ? await io.ask(`${question} [1]`) : String(nodes);
  if (answer === undefined || answer === '') return 1;
  const count = /^\d{1,5}$/.test(answer) ? Number(answer) : 0;
  if (count >= 1 && count <= most) return count;
  throw new SandboxctlError('usage', {
    what: `the number of servers must be from 1 to ${most} (got '${answer}'); nothing was written`,
    hint: `pass the number with --nodes, for example 'sandboxctl init --nodes 1'`,
  });
}
