import { join } from 'node:path';
import { inFolder } from '../node.js';
import { type Config, SETTINGS, type Setting } from './settings.js';

function isImagePath(image: string): boolean {
  return /^(\/|\.\.?\/|~\/)/.test(image) || image.endsWith('.sqsh');
}

/** Makes the paths of one layer absolute. `~/` is expanded here: no shell does it in YAML, or after the `=` of a flag. */
export function absolutePaths(
  values: Partial<Config>,
  folder: string | undefined,
  home: string | undefined,
): Partial<Config> {
  const absolute = (path: string) =>
    path.startsWith('~/') && home !== undefined ? join(home, path.slice(2)) : inFolder(folder, path);
  const made: Record<string, unknown> = { ...values };
  for (const setting of SETTINGS as readonly Setting[]) {
    const value = made[setting.key];
    if (setting.key === 'image') {
      if (typeof value === 'string' && isImagePath(value)) made.image = absolute(value);
    } else if (setting.path && typeof value === 'string') made[setting.key] = absolute(value);
    else if (setting.path && Array.isArray(value)) made[setting.key] = value.map(absolute);
  }
  return made;
}
