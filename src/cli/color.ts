import type { ChalkInstance } from 'chalk';

/** chalk for one stream. Its own detection is passed over: it ignores NO_COLOR and knows one stream only. */
export async function paint(output: { color: boolean }): Promise<ChalkInstance> {
  const { Chalk } = await import('chalk');
  return new Chalk({ level: output.color ? 1 : 0 });
}
