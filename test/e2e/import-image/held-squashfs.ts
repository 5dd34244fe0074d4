import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually } from '../../image/fixture.js';

export interface HeldSquashfs {
  /** To be first on PATH. */
  bin: string;
  /** Resolves when an import stands there, its file begun. */
  reached(): Promise<void>;
  /** Lets whoever stands there go on, and nobody else stop. */
  release(): Promise<void>;
}

/** A mksquashfs that begins its file and then stands still, so that an import can be killed in its middle. */
export async function heldSquashfs(): Promise<HeldSquashfs> {
  const bin = await mkdtemp(join(tmpdir(), 'sandboxctl-held-'));
  onTestFinished(() => rm(bin, { recursive: true, force: true }));
  const [flag, reached] = [join(bin, 'hold'), join(bin, 'reached')];
  const script = `#!/bin/sh
if [ "$1" != -help ] && [ -e ${flag} ]; then
  head -c 100000 /dev/zero >"$2"
  : >${reached}
  while [ -e ${flag} ]; do sleep 0.05; done
  rm -f "$2"
fi
exec /usr/bin/mksquashfs "$@"
`;
  await writeFile(flag, '');
  await writeFile(join(bin, 'mksquashfs'), script, { mode: 0o755 });
  await chmod(bin, 0o777);
  return {
    bin,
    reached: () => eventually(async () => existsSync(reached)),
    release: () => rm(flag),
  };
}
