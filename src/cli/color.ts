import type { ChalkInstance } from '../vendor/chalk.js';

/** chalk for one stream. chalk detects colour by itself, but it ignores NO_COLOR and tests only one stream. */
export async function paint(output: { color: boolean }): Promise<ChalkInstance> {
  const { Chalk } = await import('../vendor/chalk.js');
  return new Chalk({ level: output.color ? 1 : 0 });
}
