import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layer } from './layers.js';

export interface Image {
  /** Folder that skopeo reads as `dir:FOLDER`. */
  folder: string;
  /** `sha256:...` of the manifest: what a registry calls the image's digest. */
  digest: string;
  /** `sha256:...` of the layers, lowest first. */
  layers: string[];
  /** `sha256:...` of the config blob. */
  config: string;
}

/** Debian's names differ from Node's. */
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

/** The real image's habits: a working folder under /root, and a variable that wins over the host's. */
const settings = {
  WorkingDir: '/root/sandbox',
  Env: [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'OMP_NUM_THREADS=2',
    'QT_QPA_PLATFORM=offscreen',
  ],
  Cmd: ['/bin/sh', '-c', 'bash /root/sandbox/scripts/run.sh'],
};

/**
 * Writes config, manifest and `image.json` (our own note for the next run) beside the layers in `draft`.
 * `env` are more KEY=VALUE lines of the image's environment.
 */
export async function writeImage(
  draft: string,
  layers: readonly Layer[],
  env: readonly string[] = [],
): Promise<void> {
  const config = JSON.stringify({
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    created: '2025-06-18T00:00:00Z',
    config: { ...settings, Env: [...settings.Env, ...env] },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${layer.diffId}`) },
    history: layers.map(() => ({ created: '2025-06-18T00:00:00Z' })),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: Buffer.byteLength(config),
      digest: `sha256:${sha256(config)}`,
    },
    layers: layers.map((layer) => ({
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      size: layer.size,
      digest: `sha256:${layer.digest}`,
    })),
  });
  await writeFile(join(draft, sha256(config)), config);
  await writeFile(join(draft, 'manifest.json'), manifest);
  await writeFile(join(draft, 'version'), 'Directory Transport Version: 1.1\n');
  const note = {
    digest: `sha256:${sha256(manifest)}`,
    layers: layers.map((layer) => `sha256:${layer.digest}`),
    config: `sha256:${sha256(config)}`,
  };
  await writeFile(join(draft, 'image.json'), JSON.stringify(note));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
