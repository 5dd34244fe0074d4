import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadConfig, type ResolvedConfig } from '../../src/config/load.js';
import { SandboxctlError } from '../../src/errors.js';

interface Given {
  flags?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  configFile?: string;
  /** Text of project/sandboxctl.yaml. */
  project?: string;
  /** Text of home/.config/sandboxctl/config.yaml. */
  user?: string;
}

export interface Workspace {
  root: string;
  /** The folder of the call: root/project/deep. */
  cwd: string;
  home: string;
  file(path: string, text: string): string;
  load(given?: Given): Promise<ResolvedConfig>;
  /** The error of a load that must fail, with this workspace's root taken out of its words. */
  refused(given: Given): Promise<{ kind: string; lines: string[]; error: SandboxctlError }>;
}

/** Real folders for one test, removed when it ends. */
export function workspace(): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'sandboxctl-config-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const file = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    return join(root, path);
  };
  const cwd = join(root, 'project/deep');
  const home = join(root, 'home');
  mkdirSync(cwd, { recursive: true });
  const load = (given: Given = {}) => {
    if (given.project !== undefined) file('project/sandboxctl.yaml', given.project);
    if (given.user !== undefined) file('home/.config/sandboxctl/config.yaml', given.user);
    return loadConfig({
      flags: given.flags ?? {},
      env: given.env ?? {},
      cwd,
      home,
      configFile: given.configFile,
    });
  };
  return {
    root,
    cwd,
    home,
    file,
    load,
    refused: async (given) => {
      const error = await load(given).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof SandboxctlError)) throw new Error(`not refused: ${String(error)}`);
      const words = (error.detail ?? error.message).replaceAll(`${root}/`, '');
      return { kind: error.kind, lines: words.split('\n'), error };
    },
  };
}
