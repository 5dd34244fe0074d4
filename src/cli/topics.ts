import { envName } from '../config/flags.js';
import { SETTINGS, type Setting } from '../config/settings.js';
import { EXIT_CODES } from '../errors.js';

/** Help that belongs to no single command; docs/commands.md shows the same tables. */
export const TOPICS: Record<string, () => string> = { 'exit-codes': exitCodes, environment };

export type Row = readonly [term: string, meaning: string];

export function exitCodeRows(): Row[] {
  return Object.values(EXIT_CODES).map(({ code, meaning }): Row => [String(code), meaning]);
}

/** Variables that are no setting: they stand in no configuration file. */
export const OTHER_VARIABLES: readonly Row[] = [
  ['SANDBOXCTL_FLEET', 'fleet to work on, as --fleet'],
  ['SANDBOXCTL_STATE_DIR', 'state folder; sandboxctl/ in $XDG_STATE_HOME or ~/.local/state when unset'],
  ['SANDBOXCTL_DEBUG', '1 shows the stack of an error'],
  ['NO_COLOR', 'when not empty: no colour'],
  ['FORCE_COLOR', 'colour also where the output is no terminal; 0 means none'],
  ['CLICOLOR_FORCE', 'as FORCE_COLOR'],
];

export function settingRows(): Row[] {
  const settings: readonly Setting[] = SETTINGS;
  return settings.map(({ key, about }): Row => [envName(key), about]);
}

function exitCodes(): string {
  return ['Exit codes:', ...table(exitCodeRows())].join('\n');
}

function environment(): string {
  return [
    'Settings (a flag wins over its variable, a variable over the configuration file):',
    ...table(settingRows()),
    '',
    'Others:',
    ...table(OTHER_VARIABLES),
  ].join('\n');
}

function table(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([term]) => term.length));
  return rows.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`);
}
