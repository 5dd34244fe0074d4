import { join } from 'node:path';
import { SandboxctlError } from '../errors.js';
import { privateFolder } from '../files/atomic.js';
import { version } from '../files/version.js';
import { failure } from '../fleet/events.js';
import { importImage as bringImage } from '../import/import.js';
import { parseReference } from '../registry/reference.js';
import type { Context } from './context.js';

export interface ImportImageOptions {
  flags: Readonly<Record<string, unknown>>;
  image?: string | undefined;
  output?: string | undefined;
  force?: boolean;
}

/** Imports an image once, whole or not at all. Prints the absolute path of the .sqsh, and nothing else, on stdout. */
export async function importImage(context: Context, options: ImportImageOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  if (options.output === '') {
    throw new SandboxctlError('usage', {
      what: '--output-file names no file',
      hint: 'name one, such as -o box.sqsh, or leave it out for one in the image folder',
    });
  }
  const reference = parseReference(options.image ?? config.image);
  const folder = config.imageDir ?? join(context.stateFolder, 'images');
  const target =
    options.output === undefined
      ? join(context.path(folder), reference.fileName)
      : context.path(options.output);
  if (target.startsWith(join(context.stateFolder, '/'))) {
    // Often the first command of a user, so the state folder may not exist. If it cannot be created, the import reports it.
    await privateFolder(context.stateFolder).catch(() => undefined);
  }
  const { stdout } = context.io;
  const progress = await context.progress();
  try {
    const result = await bringImage(
      { reference, target, force: options.force ?? false, config },
      {
        run: context.run,
        env: context.env,
        scheduler: () =>
          context.scheduler(config.clusterName === null ? 'slurm' : `slurm:${config.clusterName}`),
        signal: context.signal,
        progress,
        onSetting: (setting) => {
          if (context.globals.verbose) progress.note(`+ ${setting}`);
        },
        now: context.clock.now,
        version: version(),
      },
    );
    progress.close();
    if (config.json) stdout.line(JSON.stringify({ schema_version: 1, type: 'result', ...result }));
    else stdout.write(`${result.path}\n`);
  } catch (error) {
    if (config.json && error instanceof SandboxctlError) {
      stdout.line(JSON.stringify({ schema_version: 1, ...failure(error) }));
    }
    throw error;
  } finally {
    progress.close();
  }
}
