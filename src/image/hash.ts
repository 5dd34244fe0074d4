import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** In hex. Throws the system's error, or the signal's reason. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const chunks = createReadStream(path, {
    highWaterMark: 1 << 20,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of chunks) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
