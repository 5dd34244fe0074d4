import type { CheckoutFacts } from '../../checkout/facts.js';
import { lookAtCheckout } from '../../checkout/inspect.js';
import { missingOf } from '../../checkout/missing.js';
import { SandboxctlError } from '../../errors.js';
import { shellQuote } from '../../script/quote.js';
import type { Context } from '../context.js';

/**
 * Looks at a SandboxFusion checkout and prints the commands that bring what is missing, as a script. Throws
 * kind `refused` where a server could not run as it is.
 */
export async function checkCheckout(context: Context, given: string): Promise<void> {
  const { env, run, io } = context;
  const facts = await lookAtCheckout({ folder: context.path(given), env, run });
  const missing = missingOf(facts);
  const needed = missing.filter(({ optional }) => !optional);
  for (const { what, optional } of missing) if (optional) io.stderr.line(`note: ${what}`);
  if (needed.length === 0) {
    io.stderr.line(`nothing is missing: ${found(facts)}`);
    io.stderr.line(`next: sandboxctl deploy --nodes 1 ${flagsFor(facts)}`);
    return;
  }
  for (const { what, commands } of needed) {
    io.stdout.line(`# ${what}`);
    for (const command of commands) io.stdout.line(command);
  }
  const things = needed.length === 1 ? 'one thing is' : `${needed.length} things are`;
  throw new SandboxctlError('refused', {
    what: `${things} missing for ${facts.folder}`,
    words: needed.map(({ what }) => what).join('\n'),
    hint: `the commands on stdout bring it; then 'sandboxctl init --checkout ${given}' again`,
  });
}

/** An environment that is active here, and nowhere else, is none to a job. */
function flagsFor({ folder, server }: CheckoutFacts): string {
  const environment = server?.activeOnly ? ` --checkout-env ${shellQuote(server.folder)}` : '';
  return `--checkout ${shellQuote(folder)}${environment}`;
}

function found({ server, runtime, conda }: CheckoutFacts): string {
  const python = server?.python == null ? '' : ` (Python ${server.python})`;
  return `the server's environment is ${server?.folder}${python}, that of the programs ${runtime}, conda ${conda}`;
}
