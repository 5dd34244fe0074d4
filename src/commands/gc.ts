import { SandboxctlError } from '../errors.js';
import { listFleets } from '../state/fleets.js';
import { columns } from '../text/columns.js';
import { parseDuration } from '../text/duration.js';
import { absentFleet } from './absent-fleet.js';
import type { Context } from './context.js';
import { warnDeadKeeper } from './dead-keeper.js';
import { findLeftovers } from './gc/find.js';
import { removeFindings } from './gc/remove.js';

export interface GcOptions {
  flags: Readonly<Record<string, unknown>>;
  /** Age of logs and of stopped fleets, as the user typed it. */
  olderThan?: string | undefined;
}

const DEFAULT_AGE = '30d';

/**
 * Lists leftovers that belong to no fleet any more, and removes them if the user confirms. Throws kind `absent` for a
 * fleet that does not exist and left nothing.
 */
export async function gc(context: Context, options: GcOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  const { stdout, stderr } = context.io;
  const ageMs = ageOf(options.olderThan ?? DEFAULT_AGE) * 1000;
  if (context.globals.fleet !== undefined) await warnDeadKeeper(context, context.globals.fleet);
  const found = await findLeftovers(context, config, ageMs);
  const { findings } = found;
  if (findings.length === 0) await rejectAbsentFleet(context);
  for (const line of columns(findings.map(({ kind, name, why }) => [kind, name, why]))) stdout.line(line);
  if (findings.length === 0) {
    stderr.line('nothing to remove');
    return;
  }
  const count = findings.length === 1 ? '1 item' : `${findings.length} items`;
  if (!config.yes && !stdout.isTTY) {
    stderr.line(`${count} found, none removed: 'sandboxctl gc --yes' removes them`);
    return;
  }
  const question = `Remove ${findings.length === 1 ? 'it' : `these ${count}`}?`;
  if (!config.yes && !(await context.io.confirm(question))) return;
  const failed = await removeFindings(context, found);
  stderr.line(`${findings.length - failed.length} of ${findings.length} removed`);
  if (failed.length === 0) return;
  throw new SandboxctlError('refused', {
    what: `${failed.length} of ${findings.length} could not be removed`,
    detail: failed.join('\n'),
    hint: "run 'sandboxctl gc' again",
  });
}

async function rejectAbsentFleet({ globals: { fleet }, stateFolder }: Context): Promise<void> {
  if (fleet === undefined || (await listFleets(stateFolder)).includes(fleet)) return;
  throw await absentFleet(stateFolder, fleet);
}

function ageOf(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new SandboxctlError('usage', {
    what: `--older-than takes a duration such as 30d or 12h, not '${text}'`,
    hint: "see 'sandboxctl gc --help'",
  });
}
