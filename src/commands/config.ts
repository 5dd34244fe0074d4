import { configJson, configYaml } from '../config/show.js';
import type { Context } from './context.js';

export interface ShowConfigOptions {
  flags?: Readonly<Record<string, unknown>>;
  origin?: boolean;
  json?: boolean;
}

export async function showConfig(context: Context, options: ShowConfigOptions): Promise<void> {
  const resolved = await context.config(options.flags ?? {});
  const text =
    options.json === true ? configJson(resolved) : configYaml(resolved, { origin: options.origin === true });
  context.io.stdout.write(text);
}
