import { join } from 'node:path';
import { privateFolder, readIfThere, writeJson } from '../files/atomic.js';
import type { RuntimeChoice } from '../fleet/runtime.js';
import { z } from '../vendor/zod.js';

const schema = z.object({
  schema_version: z.literal(1),
  looks: z.record(
    z.string(),
    z.object({
      runtime: z.enum(['pyxis', 'enroot', 'embedded']),
      reason: z.string(),
      at: z.number(),
    }),
  ),
});
type Entries = z.infer<typeof schema>['looks'];

const LONGEST_MS = 7 * 24 * 3_600_000;

/** Results of node probes. Concurrent writers may lose one, which costs another probe. */
export function runtimeCache(stateFolder: string, now: () => number) {
  const path = join(stateFolder, 'runtimes.json');
  const read = async (): Promise<Entries> => {
    try {
      return schema.parse(JSON.parse((await readIfThere(path)) ?? 'null')).looks;
    } catch {
      return {};
    }
  };
  const write = async (looks: Entries) => {
    await privateFolder(stateFolder);
    await writeJson(path, { schema_version: 1, looks });
  };
  return {
    async get(key: string): Promise<(RuntimeChoice & { at: number }) | undefined> {
      const look = (await read())[key];
      return look !== undefined && now() - look.at < LONGEST_MS ? look : undefined;
    },
    async set(key: string, choice: RuntimeChoice): Promise<void> {
      const { runtime, reason } = choice;
      if (runtime === 'checkout') return;
      await write({ ...(await read()), [key]: { runtime, reason, at: now() } });
    },
    async drop(key: string): Promise<void> {
      const { [key]: dropped, ...others } = await read();
      if (dropped !== undefined) await write(others);
    },
  };
}
