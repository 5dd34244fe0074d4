import { envName } from '../config/flags.js';
import { SETTINGS, type Setting } from '../config/settings.js';
import { EXIT_CODES } from '../errors.js';
import { type Row, table } from './table.js';

/** Help that belongs to no single command; docs/commands.md shows the same tables. */
export const TOPICS: Record<string, (columns: number) => string> = { 'exit-codes': exitCodes, environment };

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

function settingRows(): Row[] {
  const settings: readonly Setting[] = SETTINGS;
  return settings.map(({ key, about }): Row => [envName(key), about]);
}

function exitCodes(columns: number): string {
  return ['Exit codes:', ...table(exitCodeRows(), columns)].join('\n');
}

function environment(columns: number): string {
  return [
    'Settings (a flag wins over its variable, a variable over a file):',
    ...table(settingRows(), columns),
    '',
    'Others:',
    ...table(OTHER_VARIABLES, columns),
  ].join('\n');
}
