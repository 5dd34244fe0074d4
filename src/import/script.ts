import { readFile } from 'node:fs/promises';
import { ENROOT_SETTINGS } from './settings.js';

/** The same place from src/image and from dist/image. */
const TEMPLATE = new URL('../../templates/import-image.sh', import.meta.url);

/** What the script reads; the prefix keeps these out of the configuration. */
export interface ScriptInput {
  /** Random name of this import; part of every name that it makes. */
  SANDBOXCTL_JOB_IMPORT: string;
  SANDBOXCTL_JOB_URI: string;
  /** The temporary image, in the folder of the final one. */
  SANDBOXCTL_JOB_OUT: string;
  /** The lock that our caller holds and rewrites; still for too long, the caller is dead. */
  SANDBOXCTL_JOB_LOCK: string;
  /** `hex:bytes` of each layer, space between; empty where the registry did not say. */
  SANDBOXCTL_JOB_LAYERS: string;
  /** KiB wanted where layers are unpacked, and in the target folder. */
  SANDBOXCTL_JOB_TEMP_KIB: string;
  SANDBOXCTL_JOB_TARGET_KIB: string;
  /** KiB wanted in the cache where LAYERS is empty. */
  SANDBOXCTL_JOB_CACHE_KIB: string;
  /** The kernel's name, which enroot takes. */
  SANDBOXCTL_JOB_ARCH: string;
}

/**
 * The script that runs enroot, here and on a compute node alike: it knows that machine's CPUs, disks and
 * tools. What it finds and chooses it tells on stderr as `sandboxctl: WORD VALUE...` (see facts.ts).
 *
 * enroot runs in the foreground: a shell lets its background processes ignore SIGINT, and then a signal
 * to the group could not end it. Beside it, in a session of its own, a reaper ends the whole group when
 * the lock's holder is dead, and clears up after a SIGKILL.
 */
export async function importScript(): Promise<string> {
  const choices = ENROOT_SETTINGS.map(
    ({ name, value, when }) => `choose ${name} ${value}${when === undefined ? '' : ` '${when}'`}`,
  );
  const template = await readFile(TEMPLATE, 'utf8');
  return template.replace('#SETTINGS#', () => choices.join('\n'));
}
