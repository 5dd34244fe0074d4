import type { ChalkInstance } from 'chalk';

export interface ColorFacts {
  /** --no-color was given. */
  noColor: boolean;
  env: NodeJS.ProcessEnv;
  isTTY: boolean;
}

/**
 * Whether one stream gets colour: --no-color, then NO_COLOR (when not empty), then FORCE_COLOR and
 * CLICOLOR_FORCE, then whether the stream is a terminal that can show it.
 */
export function wantsColor({ noColor, env, isTTY }: ColorFacts): boolean {
  if (noColor || (env.NO_COLOR ?? '') !== '') return false;
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (!['', '0', undefined].includes(env.CLICOLOR_FORCE)) return true;
  return isTTY && env.TERM !== 'dumb';
}

/** chalk for one stream. Its own detection is passed over: it ignores NO_COLOR and knows one stream only. */
export async function paint(output: { color: boolean }): Promise<ChalkInstance> {
  const { Chalk } = await import('chalk');
  return new Chalk({ level: output.color ? 1 : 0 });
}
