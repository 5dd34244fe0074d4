import { envName } from '../config/flags.js';
import { SETTINGS, type Setting } from '../config/settings.js';
import { EXIT_CODES } from '../errors.js';
import { type Row, table } from './table.js';

export const TOPICS: Record<string, (columns: number) => string> = { 'exit-codes': exitCodes, environment };

export function exitCodeRows(): Row[] {
  return Object.values(EXIT_CODES).map(({ code, meaning }): Row => [String(code), meaning]);
}

/** Variables that are not settings: no configuration file can set them. */
export const OTHER_VARIABLES: readonly Row[] = [
  ['SANDBOXCTL_FLEET', 'fleet to work on, like --fleet'],
  ['SANDBOXCTL_STATE_DIR', 'state folder; by default sandboxctl/ in $XDG_STATE_HOME or ~/.local/state'],
  ['SANDBOXCTL_DEBUG', '1 prints the stack trace of an error'],
  ['NO_COLOR', 'no colour, if not empty'],
  ['FORCE_COLOR', 'colour also if the output is not a terminal; 0 means none'],
  ['CLICOLOR_FORCE', 'like FORCE_COLOR'],
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
    'Settings (a flag overrides its variable, a variable overrides a file):',
    ...table(settingRows(), columns),
    '',
    'Other variables:',
    ...table(OTHER_VARIABLES, columns),
  ].join('\n');
}
