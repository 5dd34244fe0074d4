import { formatDuration } from '../text/duration.js';
import { stringify } from '../vendor/yaml.js';
import type { ResolvedConfig } from './load.js';
import { type Config, SETTINGS, type Setting } from './settings.js';
import { formatSize } from './units.js';

export function configYaml({ config, origins }: ResolvedConfig, options: { origin: boolean }): string {
  const lines = SETTINGS.map((setting) => {
    const { key } = setting;
    const yaml = stringify({ [key]: written(setting, config) }, { lineWidth: 0 });
    // A list starts on the next line.
    return options.origin ? yaml.replace('\n', `  # ${origins[key]}\n`) : yaml;
  });
  return lines.join('');
}

/** Values as the program uses them (seconds, bytes), each with its source. */
export function configJson({ config, origins, warnings }: ResolvedConfig): string {
  const settings = SETTINGS.map(({ key }) => [key, { value: config[key], origin: origins[key] }]);
  return `${JSON.stringify({ schema_version: 1, settings: Object.fromEntries(settings), warnings }, null, 2)}\n`;
}

function written(setting: Setting & { key: keyof Config }, config: Config): unknown {
  const value = config[setting.key];
  if (typeof value === 'number' && setting.kind === 'duration') return formatDuration(value);
  if (typeof value === 'number' && setting.kind === 'size') return formatSize(value);
  if (value !== null && typeof value === 'object' && 'first' in value) return `${value.first}-${value.last}`;
  return value;
}
