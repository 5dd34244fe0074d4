import { onTestFinished } from 'vitest';
import { SandboxClient, type SandboxClientOptions } from '../../src/client/index.js';
import { answering, finished, type TestServer } from './servers.js';

export const HELLO = { code: 'print("hello")', language: 'python' };

/** A server until the end of the test. */
export async function server(...args: Parameters<typeof answering>): Promise<TestServer> {
  const started = await answering(...args);
  onTestFinished(() => started.close());
  return started;
}

export const good = (text: string) => server((response) => void response.end(finished(text)));

/** A server whose health checks fail, as those of a server that is being ended. */
export const dying = (answer: Parameters<typeof answering>[0]) =>
  server(answer, (response) => void response.destroy());

/** A client until the end of the test. */
export function clientOf(
  endpoints: SandboxClientOptions['endpoints'],
  more: Partial<SandboxClientOptions> = {},
): SandboxClient {
  const client = new SandboxClient({ endpoints, ...more });
  onTestFinished(() => client.close());
  return client;
}
