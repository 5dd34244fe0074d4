import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importImage } from '../../../src/commands/import-image.js';
import { SandboxctlError } from '../../../src/errors.js';
import { enrootFolder } from '../../cluster/container-tools.js';
import { type Registry, startRegistry } from '../../cluster/registry.js';
import { scratch } from '../../image/fixture.js';
import { follow } from '../../support/follow.js';
import { type Asked, contextFor } from './context.js';
import { tinyImage } from './tiny-image.js';

export const IMAGE = 'varad0309/code_sandbox:server';

/** A registry with one tiny image, and the stand-in for enroot on PATH. */
export interface Site {
  folder: string;
  registry: Registry;
  digest: string;
  env: NodeJS.ProcessEnv;
  /** A user's machine of its own: home, state folder, folder of the call. */
  place(name: string, env?: NodeJS.ProcessEnv): Promise<Place>;
  down(): Promise<void>;
}

export interface Place {
  asked: Asked;
  images: string;
  image: string;
}

export async function startSite(
  options: Parameters<typeof startRegistry>[0] = { faults: [] },
  bytes?: number,
): Promise<Site> {
  const { folder, remove } = await scratch();
  const [bin, registry] = [await enrootFolder(), await startRegistry(options)];
  const image = await tinyImage(folder, bytes);
  await registry.push(IMAGE, image);
  const temp = join(folder, 'tmp');
  await mkdir(temp);
  const env = { PATH: `${bin}:${process.env.PATH}`, TMPDIR: temp, SANDBOXCTL_REGISTRY_MIRROR: registry.url };
  return {
    folder,
    registry,
    digest: image.digest,
    env,
    place: async (name, more = {}) => {
      const place = join(folder, name);
      await mkdir(join(place, 'home'), { recursive: true });
      const images = join(place, 'state', 'images');
      return {
        asked: { flags: {}, place, env: { ...env, HOME: join(place, 'home'), ...more } },
        images,
        image: join(images, 'varad0309+code_sandbox+server.sqsh'),
      };
    },
    down: async () => {
      await registry.stop();
      await remove();
    },
  };
}

export interface Ended {
  stdout: string;
  stderr: string;
  error: SandboxctlError | undefined;
}

/** Runs import-image in this process. */
export async function call(asked: Asked, signal: AbortSignal = new AbortController().signal): Promise<Ended> {
  const kept = { stdout: '', stderr: '' };
  const context = contextFor(asked, {
    signal,
    stdout: (text) => {
      kept.stdout += text;
    },
    stderr: (text) => {
      kept.stderr += text;
    },
  });
  try {
    await importImage(context, asked);
    return { ...kept, error: undefined };
  } catch (error) {
    if (error instanceof SandboxctlError) return { ...kept, error };
    throw error;
  }
}

export interface Started {
  pid: number;
  /** Resolves with the line of stderr that matches first. */
  line(pattern: RegExp): Promise<string>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

const CLI = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));

/** Runs the built command as a process of its own; `before` is what runs it. */
export function start({ env, place, verbose = false }: Asked, before: readonly string[] = []): Started {
  const argv = [...before, process.execPath, CLI, 'import-image', ...(verbose ? ['-v'] : [])];
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd: place,
    env: { ...env, SANDBOXCTL_STATE_DIR: join(place, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { ended, line } = follow(child);
  return { pid: child.pid ?? 0, ended, line };
}

/** How many layers the registry was asked for. */
export function layersAsked(registry: Registry): number {
  return registry.requests().filter(({ path, method }) => method === 'GET' && path.includes('/blobs/'))
    .length;
}
