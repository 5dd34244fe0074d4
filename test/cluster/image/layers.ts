import { spawn } from 'node:child_process';
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** One layer: a gzipped tar in a folder that skopeo reads as `dir:`, where blobs are named by their digest. */
export interface Layer {
  /** sha256 of the gzipped blob, hex. */
  digest: string;
  /** sha256 of the tar, hex: the config's diff_id. */
  diffId: string;
  /** Bytes of the blob. */
  size: number;
}

/** Packs what `tarArgs` name (as `tar -c` takes them) into `folder`, owned by root. */
export async function packLayer(folder: string, tarArgs: readonly string[]): Promise<Layer> {
  const tar = spawn(
    'tar',
    ['-c', '--owner=0', '--group=0', '--numeric-owner', '--no-recursion', ...tarArgs],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.on('error', reject);
    tar.on('close', resolve);
  });
  const plain = createHash('sha256');
  const zipped = createHash('sha256');
  const draft = join(folder, `layer.${randomBytes(6).toString('hex')}`);
  await pipeline(
    tar.stdout,
    through(plain),
    createGzip({ level: 6 }),
    through(zipped),
    createWriteStream(draft),
  );
  if ((await ended) !== 0) throw new Error(`tar failed on ${tarArgs.join(' ')}`);
  const digest = zipped.digest('hex');
  await rename(draft, join(folder, digest));
  return { digest, diffId: plain.digest('hex'), size: (await stat(join(folder, digest))).size };
}

function through(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}
