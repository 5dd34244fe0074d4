import type { CheckoutFacts } from '../../checkout/facts.js';
import { inspectCheckout } from '../../checkout/inspect.js';
import { missingOf } from '../../checkout/missing.js';
import { SandboxctlError } from '../../errors.js';
import { bashQuote } from '../../text/quote.js';
import type { Context } from '../context.js';

/** Prints a script that installs what a SandboxFusion checkout lacks. Throws kind `refused` if it lacks anything. */
export async function checkCheckout(context: Context, given: string): Promise<void> {
  const { env, run, io } = context;
  const facts = await inspectCheckout({ folder: context.path(given), env, run });
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
    detail: needed.map(({ what }) => what).join('\n'),
    hint: `run the commands printed on stdout, then 'sandboxctl init --checkout ${given}' again`,
  });
}

function flagsFor({ folder, server }: CheckoutFacts): string {
  const environment = server?.activeOnly ? ` --checkout-env ${bashQuote(server.folder)}` : '';
  return `--checkout ${bashQuote(folder)}${environment}`;
}

function found({ server, runtime, conda }: CheckoutFacts): string {
  const python = server?.python == null ? '' : ` (Python ${server.python})`;
  return `server environment ${server?.folder}${python}, program environment ${runtime}, conda ${conda}`;
}
