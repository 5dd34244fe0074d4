import { rename } from 'node:fs/promises';
import { SandboxctlError } from '../errors.js';
import { isThere, readIfThere } from '../files/atomic.js';
import { newerSchema, parseSpecLine, type Spec, specMistake } from '../fleet/spec.js';
import { reading } from './fleets.js';
import { fleetFolders } from './folders.js';

/** Undefined for a missing or damaged spec.json. Throws kind `config` for one that cannot be read, or is too new. */
export async function storedSpec(stateFolder: string, fleet: string): Promise<Spec | undefined> {
  const text = await textOf(stateFolder, fleet);
  if (text === undefined) return undefined;
  rejectNewer(text, fleetFolders(stateFolder, fleet).spec);
  return specMistake(text, fleet) === undefined ? (JSON.parse(text) as Spec) : undefined;
}

/** What is wrong with spec.json; undefined for a good or missing one. */
export async function damageOf(stateFolder: string, fleet: string): Promise<string | undefined> {
  const text = await textOf(stateFolder, fleet);
  return text === undefined ? undefined : specMistake(text, fleet);
}

/** The spec with the highest generation; undefined if no script carries one of this fleet. */
export async function specOfScripts(paths: readonly string[], fleet: string): Promise<Spec | undefined> {
  const scripts = await Promise.all(paths.map((path) => readIfThere(path)));
  return scripts
    .flatMap((script) => parseSpecLine(script ?? '')?.spec ?? [])
    .filter((spec) => spec.fleet === fleet)
    .sort((a, b) => a.generation - b.generation)
    .at(-1);
}

/** The new path: no earlier one is overwritten. */
export async function keepDamaged(path: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const free = `${path}.damaged${number === 1 ? '' : `-${number}`}`;
    if (await isThere(free)) continue;
    await rename(path, free);
    return free;
  }
}

const textOf = (stateFolder: string, fleet: string): Promise<string | undefined> =>
  reading(stateFolder, () => readIfThere(fleetFolders(stateFolder, fleet).spec));

function rejectNewer(text: string, path: string): void {
  const version = newerSchema(text);
  if (version === undefined) return;
  throw new SandboxctlError('config', {
    what: `${path} was written by a newer version of sandboxctl`,
    detail: `its schema_version is ${version}, and this version reads 1`,
    hint: 'use the version that deployed the fleet',
  });
}
