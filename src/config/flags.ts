import { SETTINGS, type Setting } from './settings.js';

export interface Flag {
  key: string;
  group: string;
  /** In the syntax of commander: `-t, --time <limit>`, or `--wait` for a switch. */
  flags: string;
  /** `--no-wait`, for a switch whose default is true. */
  negation?: string;
  /** With its default and the name of its environment variable. */
  about: string;
  repeatable: boolean;
  choices?: readonly string[];
}

export function longFlag(key: string): string {
  return `--${words(key).join('-')}`;
}

export function envName(key: string): string {
  return `SANDBOXCTL_${words(key).join('_').toUpperCase()}`;
}

export function flagOf(setting: Setting): Flag {
  const long = longFlag(setting.key);
  const name = setting.short === undefined ? long : `${setting.short}, ${long}`;
  const shown = defaultText(setting);
  return {
    key: setting.key,
    group: setting.group,
    flags: setting.value === undefined ? name : `${name} ${setting.value}`,
    ...(setting.default === true ? { negation: long.replace('--', '--no-') } : {}),
    about: `${setting.about}${shown === '' ? '' : ` (default: ${shown})`} (env: ${envName(setting.key)})`,
    repeatable: setting.kind === 'list',
    ...(setting.choices === undefined ? {} : { choices: setting.choices }),
  };
}

export function optionsFor(command: string): Flag[] {
  const settings: readonly Setting[] = SETTINGS;
  return settings.filter((setting) => setting.commands.includes(command)).map(flagOf);
}

/** The default as a user would type it. Empty for a setting without a default and for a switch that is off. */
export function defaultText(setting: Setting): string {
  const value = setting.default;
  return value === null || value === false || Array.isArray(value) ? '' : String(value);
}

function words(key: string): string[] {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ');
}
