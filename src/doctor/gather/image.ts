import { stat } from 'node:fs/promises';
import { codeOf, firstWords } from '../../errors.js';
import { readIfThere } from '../../files/atomic.js';
import { locateImage } from '../../image/identity.js';
import { sidecarPath } from '../../image/sidecar.js';
import { judgeHead } from '../../image/verify.js';
import type { Run } from '../../process/run.js';
import { parseObject } from '../../text/json-object.js';
import type { ImageFacts } from '../facts.js';

interface Asked {
  needed: boolean;
  image: string;
  imageDir: string;
  cwd: string;
  run: Run;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Paths in the image that are worth telling. */
  isTelling(path: string): boolean;
}

/** The image of a deploy: whether it is whole, by its head and by the list of its files. It is not read as a whole. */
export async function imageFacts({ needed, image, imageDir, cwd, ...asked }: Asked): Promise<ImageFacts> {
  const { path, importAs } = await locateImage(image, { imageDir, cwd });
  const bytes = await stat(path).then(
    (facts) => facts.size,
    () => 0,
  );
  const facts = { needed, name: importAs, path, bytes, there: bytes > 0, record: await recordOf(path) };
  const reason = await judgeHead(path);
  if (reason !== undefined)
    return { ...facts, damage: { reason, words: '' }, files: null, contents: [], makefile: null };
  const listed = await list(path, asked);
  const damage = listed.words === null ? null : { reason: 'its files cannot be listed', words: listed.words };
  const makefile = listed.contents.find((each) => each.endsWith('/Makefile'));
  return {
    ...{ ...facts, damage, files: listed.files, contents: listed.contents },
    makefile: makefile === undefined ? null : await contentOf(path, makefile, asked),
  };
}

/** What the import wrote down, without a look at whether the file is still the same one: that takes a hash of it. */
async function recordOf(path: string): Promise<ImageFacts['record']> {
  const { digest, architecture, time } = parseObject(await readIfThere(sidecarPath(path))) ?? {};
  if (typeof architecture !== 'string' || typeof time !== 'string') return null;
  return { digest: typeof digest === 'string' ? digest : null, architecture, time };
}

/** Null where unsquashfs is older than 4.5, which cannot print a file. */
async function contentOf(
  path: string,
  file: string,
  { run, env, signal }: Pick<Asked, 'run' | 'env' | 'signal'>,
): Promise<string | null> {
  const { code, stdout } = await run(['unsquashfs', '-cat', path, file], { env, signal });
  return code === 0 ? stdout : null;
}

async function list(
  path: string,
  { run, env, signal, isTelling }: Pick<Asked, 'run' | 'env' | 'signal' | 'isTelling'>,
) {
  const contents: string[] = [];
  let files = 0;
  const onLine = (line: string, from: 'stdout' | 'stderr') => {
    if (from === 'stderr') return;
    files += 1;
    const inside = line.replace(/^squashfs-root/, '');
    if (isTelling(inside)) contents.push(inside);
  };
  try {
    const { code, stderr } = await run(['unsquashfs', '-ls', path], { env, signal, onLine, keepBytes: 8192 });
    return { files, contents, words: code === 0 ? null : firstWords(stderr) };
  } catch (error) {
    // The superblock has to do without the tool.
    const cause = error instanceof Error ? error.cause : undefined;
    if (codeOf(cause) === 'ENOENT') return { files: null, contents, words: null };
    throw error;
  }
}
