import { readFile } from 'node:fs/promises';
import { ENROOT_SETTINGS } from './settings.js';

const TEMPLATE = new URL('../../templates/import-image.sh', import.meta.url);

export interface ScriptInput {
  /** Random name of this import; part of every name that it makes. */
  SANDBOXCTL_JOB_IMPORT: string;
  SANDBOXCTL_JOB_URI: string;
  SANDBOXCTL_JOB_OUT: string;
  /** Held by the importing process; without a heartbeat that process is dead. */
  SANDBOXCTL_JOB_LOCK: string;
  /** `hex:bytes` of each layer, space between; empty if the registry did not say. */
  SANDBOXCTL_JOB_LAYERS: string;
  SANDBOXCTL_JOB_TEMP_KIB: string;
  SANDBOXCTL_JOB_TARGET_KIB: string;
  /** KiB wanted in the cache where LAYERS is empty. */
  SANDBOXCTL_JOB_CACHE_KIB: string;
  SANDBOXCTL_JOB_ARCH: string;
}

/**
 * Runs enroot, here and on a node alike, and reports on stderr as `sandboxctl: WORD VALUE...`
 * (failures/import/facts). enroot stays in the foreground: in the background a shell makes it ignore SIGINT. A reaper
 * in a session of its own ends the group once the lock is stale, and cleans up after a SIGKILL.
 */
export async function importScript(): Promise<string> {
  const choices = ENROOT_SETTINGS.map(
    ({ name, value, when }) => `choose ${name} ${value}${when === undefined ? '' : ` '${when}'`}`,
  );
  const template = await readFile(TEMPLATE, 'utf8');
  return template.replace('#SETTINGS#', () => choices.join('\n'));
}
