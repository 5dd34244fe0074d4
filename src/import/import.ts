import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SandboxctlError } from '../errors.js';
import type { ImportFacts } from '../failures/import/facts.js';
import type { Lock } from '../files/lock.js';
import { assertReplaceable, existingImage } from '../image/existing.js';
import { sha256OfFile } from '../image/hash.js';
import { type ImageRecord, recordOf, writeSidecar } from '../image/sidecar.js';
import { verifyImage } from '../image/verify.js';
import { registryArchitecture } from '../registry/architecture.js';
import { enrootUri, sourceOf } from '../registry/source.js';
import { checkForUpdate } from './check-for-update.js';
import { manifestSizes } from './layers.js';
import { allowsHttp, type Prepared, prepare } from './prepare.js';
import type { ImportRequest, ImportTools } from './request.js';
import { spaceNeeds } from './space.js';
import { transfer } from './transfer.js';
import { chooseWhere, enrootHere } from './where.js';
import { withImportLock } from './with-import-lock.js';
import type { Work } from './work.js';

export interface ImportedImage {
  path: string;
  record: ImageRecord;
  imported: boolean;
}

/** Imports an image to `request.target`, complete and verified, or leaves the existing file unchanged. */
export async function importImage(request: ImportRequest, tools: ImportTools): Promise<ImportedImage> {
  return withImportLock(request, tools, (work, lock) => importUnderLock(request, tools, work, lock));
}

async function importUnderLock(
  request: ImportRequest,
  tools: ImportTools,
  work: Work,
  lock: Lock,
): Promise<ImportedImage> {
  const { reference, target, force, config } = request;
  const { run, signal, progress } = tools;
  const architecture = registryArchitecture(config.arch ?? process.arch);
  const source = sourceOf(reference, config.registryMirror, allowsHttp(tools.env));
  const prepared = await prepare(work, source, {
    run,
    env: tools.env,
    architecture,
    stallSeconds: config.stallTimeout,
    signal,
  });
  if (prepared.warning !== null) progress.note(`warning: ${prepared.warning}`);
  const enroot = await enrootHere(run, prepared.envHere, signal);

  const found = await existingImage(target, signal);
  const asked = { run, env: prepared.envHere, enroot, architecture, login: prepared.login, signal };
  const digest = await checkForUpdate(request, source, found, asked, progress);
  if (digest.kind === 'keep' && found !== null) return { path: target, record: found, imported: false };
  await assertReplaceable(target, found, reference, force);

  const where = await chooseWhere(config.on, enroot, tools.env);
  const pinned =
    digest.kind === 'import' && digest.digest !== null ? { ...source, version: digest.digest } : source;
  const facts = await transfer(work, {
    run,
    scheduler: tools.scheduler,
    where,
    env: prepared.env(where),
    config,
    uri: enrootUri(pinned),
    architecture,
    needs: spaceNeeds(await manifestSizes(pinned, asked)),
    names: { image: reference.familiar, host: source.host, target: dirname(target) },
    progress,
    onSetting: tools.onSetting,
    signal,
  });
  const record = await examine(work, request, tools, {
    facts,
    where,
    prepared,
    architecture,
    digest: digest.digest,
  });
  await publish(work, request, record, lock);
  return { path: target, record, imported: true };
}

interface Examined {
  facts: ImportFacts;
  where: 'here' | 'job';
  prepared: Prepared;
  architecture: string;
  digest: string | null;
}

async function examine(
  work: Work,
  { reference }: ImportRequest,
  { run, signal, progress, version, now }: ImportTools,
  { facts, where, prepared, architecture, digest }: Examined,
): Promise<ImageRecord> {
  progress.phase('Verifying the image...');
  const verdict = await verifyImage(work.image, { run, env: prepared.envHere, signal, listed: facts.listed });
  signal.throwIfAborted();
  if (!verdict.ok) {
    throw new SandboxctlError('refused', {
      what: `enroot said that it was done, but ${reference.familiar} is not whole: ${verdict.reason}`,
      detail: verdict.words ?? verdict.reason,
      hint: "run 'sandboxctl import-image --force'; if it happens again, check the disk of the image folder",
    });
  }
  if (verdict.listed === null) {
    progress.note(
      'warning: unsquashfs is not installed: the superblock was checked, the list of files was not',
    );
  }
  const sha256 = await sha256OfFile(work.image, signal);
  const { size, mtimeNs } = await stat(work.image, { bigint: true });
  return {
    image: reference.canonical,
    digest,
    architecture,
    size: Number(size),
    sha256,
    mtime_ns: String(mtimeNs),
    versions: { sandboxctl: version, enroot: facts.enroot, squashfs_tools: facts.squashfsTools },
    options: facts.settings,
    imported_on: { where, node: facts.node },
    files: verdict.listed,
    time: new Date(now()).toISOString(),
  };
}

/** The sidecar first: it keeps the old record too, so that readers find the record of either image. */
async function publish(
  work: Work,
  { target }: ImportRequest,
  record: ImageRecord,
  lock: Lock,
): Promise<void> {
  if (!(await lock.confirm())) {
    throw new SandboxctlError('locked', {
      what: 'another import took over while this one stood still',
      detail: `the lock ${work.lock} was taken`,
      hint: "run 'sandboxctl import-image' again",
    });
  }
  await writeSidecar(target, record, await recordOf(target));
  await rename(work.image, target);
}
