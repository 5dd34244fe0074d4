import { afterAll, beforeAll } from 'vitest';
import { type ServedCli, serveCli } from '../../e2e/serve/server.js';
import { type PythonModule, pythonModule } from './module.js';

/** An embedded server and the Python client for it, for all tests of a file. */
export function servedModule(): { server: ServedCli; module: PythonModule } {
  const started = {} as { server: ServedCli; module: PythonModule };
  beforeAll(async () => {
    started.server = await serveCli();
    started.module = await pythonModule([started.server.url]);
  });
  afterAll(async () => {
    started.module?.remove();
    await started.server?.stop();
  });
  return started;
}
