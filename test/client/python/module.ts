import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { renderFormat } from '../../../src/endpoints/formats/render.js';
import type { EndpointsFile } from '../../../src/endpoints/schema.js';
import { endpoint, fleet, NOW } from '../../endpoints/samples.js';

const run = promisify(execFile);

export interface PythonModule {
  folder: string;
  /** The state folder that the module looks into. */
  state: string;
  /** What a script prints as JSON; it has the module's names and `show`. Debian's own Python runs it. */
  python<T>(script: string, env?: Readonly<Record<string, string>>): Promise<T>;
  remove(): void;
}

/** The file that `endpoints --format python` writes for these servers. */
export async function pythonModule(
  urls: readonly string[],
  changes: Partial<EndpointsFile> = {},
  format = 'python',
): Promise<PythonModule> {
  const folder = mkdtempSync(join(tmpdir(), 'python-module-'));
  const endpoints = urls.map((url, instance) =>
    endpoint(instance, { url, host: '127.0.0.1', port: Number(new URL(url).port) }),
  );
  writeFileSync(
    join(folder, 'sandbox.py'),
    await renderFormat(format, fleet(endpoints, changes), { now: NOW }),
  );
  const state = join(folder, 'state');
  return {
    folder,
    state,
    python: async (script, env = {}) => {
      const lines = ['import json, sys', 'import sandbox', 'from sandbox import *', PRELUDE, script];
      const { stdout } = await run('/usr/bin/python3', ['-W', 'error', '-c', lines.join('\n')], {
        cwd: folder,
        env: { PATH: '/usr/bin:/bin', HOME: folder, SANDBOXCTL_STATE_DIR: state, ...env },
        maxBuffer: 2 ** 28,
      });
      return JSON.parse(stdout);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

const PRELUDE = `
def show(value):
    print(json.dumps(value))
def told(verdict):
    return [verdict.verdict, verdict.test, verdict.mask, verdict.reward]
`;
