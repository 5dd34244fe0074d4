import type { Config } from '../../config/settings.js';
import type { Entry } from '../../config/starter.js';
import { SandboxctlError } from '../../errors.js';
import type { Context } from '../context.js';

/** A configuration to write, and the commands that come after it. */
export interface StarterFile {
  head: string[];
  entries: Entry[];
  next: string[];
}

export function headFor(context: Context, where: string, from: string): string[] {
  const day = new Date(context.clock.now()).toISOString().slice(0, 10);
  return [
    `sandboxctl.yaml for ${where}, written by 'sandboxctl init' on ${day} from what ${from} said.`,
    "A key behind a # says what holds without it, or is an example. 'sandboxctl config show --origin' prints what holds and from where; docs/config.md has every key.",
  ];
}

/** Written beside what every client reads, whatever the cluster is. */
export const CLIENTS: Entry = {
  key: 'clientConfig',
  value: ['sandbox.env'],
  about: ['Files for your clients, written once the servers are ready (docs/client-files.md).'],
  on: false,
};

/**
 * How many servers: the one question, since nothing here can tell. One where nobody can be asked. Throws
 * kind `usage` for an answer that is no number from 1 to `most`.
 */
export async function howMany(
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
    what: `'${answer}' is no number of servers from 1 to ${most}, and nothing was written`,
    hint: `say how many with --nodes, for example 'sandboxctl init --nodes 1'`,
  });
}
