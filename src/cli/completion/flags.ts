import { optionsFor } from '../../config/flags.js';
import { GLOBAL_OPTIONS, type Verb } from '../verb.js';

export interface Flag {
  long: string;
  short: string | undefined;
  /** The placeholder of its value in the help, such as `<file>`; undefined for a switch. */
  value: string | undefined;
  choices: readonly string[] | undefined;
  negation: string | undefined;
  about: string;
}

export function flagsOf(verb: Verb | undefined): Flag[] {
  const own = (verb?.options ?? []).map(([flags, about]) => flagFrom(flags, about));
  const settings = verb?.settings === true ? optionsFor(verb.name) : [];
  return [
    ...own,
    ...settings.map(({ flags, about, choices, negation }) => ({
      ...flagFrom(flags, about),
      choices,
      negation,
    })),
    ...GLOBAL_OPTIONS.map(([flags, about]) => flagFrom(flags, about)),
    flagFrom('-h, --help', 'show this help'),
  ];
}

function flagFrom(flags: string, about: string): Flag {
  const [, short, long = '', value] = /^(?:(-\w), )?(--[\w-]+)(?: (<.*>)| \[.*\])?$/.exec(flags) ?? [];
  const brief = about.replace(/ \((?:default|env): .*/, '');
  return { long, short, value, about: brief, choices: undefined, negation: undefined };
}
