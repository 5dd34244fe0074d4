import { onTestFinished } from 'vitest';
import { type ServedCli, serveCli } from './server.js';

/** A server of one test, ended with it however that ends. */
export async function serving(...words: Parameters<typeof serveCli>): Promise<ServedCli> {
  const served = await serveCli(...words);
  onTestFinished(async () => void (await served.stop('SIGKILL')));
  return served;
}
