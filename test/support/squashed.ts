import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage, type ImageOptions } from '../cluster/image/build.js';
import { cached } from '../cluster/image/tools.js';
import { newOrdinaryUser } from '../cluster/ordinary-user.js';
import { startRegistry } from '../cluster/registry.js';

export type { ImageOptions };

/** The test's image as enroot imports it; made once into the cache folder. */
export async function squashedImage(options: ImageOptions = {}): Promise<string> {
  const image = await buildImage(options);
  const folder = await cached(`sqsh-${image.digest.slice(7, 23)}`, async (draft) => {
    const [registry, person] = [await startRegistry(), await newOrdinaryUser()];
    try {
      await registry.push('varad0309/code_sandbox:server', image);
      const told = await person.run([
        'enroot',
        'import',
        '-o',
        join(person.home, 'image.sqsh'),
        `docker://${registry.host}#varad0309/code_sandbox:server`,
      ]);
      if (told.code !== 0) throw new Error(`enroot import failed:\n${told.stderr}`);
      await cp(join(person.home, 'image.sqsh'), join(draft, 'image.sqsh'));
    } finally {
      await person.forget();
      await registry.stop();
    }
  });
  return join(folder, 'image.sqsh');
}
