import { optionsFor } from '../config/flags.js';
import { type Called, GLOBAL_OPTIONS, type Verb } from './verb.js';
import { VERBS } from './verbs.js';

/** Flags that say where things are. Any command in a hint needs them too. */
const PLACES = ['--fleet', '--config', '--cluster', '--cluster-name', '--image-dir'];
/** Commands that ignore --fleet, although every command accepts it. */
const WITHOUT_FLEET = ['init', 'import-image', 'serve', 'config show', 'completion'];

const NAMES = VERBS.map(({ name }) => name).join('|');
/** Not after "the same", which says already that the flags stay. */
const COMMAND = new RegExp(`(?<!same ')(sandboxctl(?: -v)? (${NAMES})(?![\\w-]))([^';,]*)`, 'g');

/**
 * A hint whose commands do what is meant when they are copied: the called command keeps all that its caller
 * gave, any other what says where things are.
 */
export function keepFlags(hint: string, called: Called | undefined): string {
  if (called === undefined) return hint;
  return hint.replace(COMMAND, (whole, command: string, name: string, rest: string) => {
    const verb = VERBS.find((each) => each.name === name);
    if (verb === undefined || rest.includes('--help')) return whole;
    const takes = optionsOf(verb);
    const there = rest.trim().split(/ +/);
    const has = (long: string) => there.some((word) => word === long || word === takes.get(long)?.short);
    const kept = called.flags.filter(
      ([long]) => takes.has(long) && !has(long) && (name === called.name || PLACES.includes(long)),
    );
    const args = name === called.name && !hasArgument(there, takes) && !verb.passesThrough ? called.args : [];
    const added = [...kept.flat(), ...args].flatMap((word) =>
      word === undefined ? [] : ` ${asTyped(word)}`,
    );
    return `${command}${added.join('')}${rest}`;
  });
}

interface Option {
  short: string | undefined;
  valued: boolean;
}

/** By the long flag, with `--no-` where a switch has that too. */
function optionsOf({ name, options = [], settings }: Verb): Map<string, Option> {
  const own = settings === true ? optionsFor(name) : [];
  const globals = GLOBAL_OPTIONS.filter(
    ([flags]) => !flags.startsWith('--fleet') || !WITHOUT_FLEET.includes(name),
  );
  const negations = own.flatMap(({ negation }) => negation ?? []);
  const all = [
    ...own.map(({ flags }) => flags),
    ...negations,
    ...[...options, ...globals].map(([flags]) => flags),
  ];
  return new Map(
    all.map((flags) => {
      const [, short, long = '', value] = /^(?:(-\w), )?(--[\w-]+)( .*)?$/.exec(flags) ?? [];
      return [long, { short, valued: value !== undefined }];
    }),
  );
}

/** Whether one of the words is neither a flag nor the value of one. */
function hasArgument(words: readonly string[], takes: ReadonlyMap<string, Option>): boolean {
  const valued = (word = '') =>
    [...takes].some(([long, option]) => option.valued && (word === long || word === option.short));
  return words.some((word, at) => word !== '' && !word.startsWith('-') && !valued(words[at - 1]));
}

/** One word for a shell; as it is where a shell leaves it so. */
function asTyped(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replace(/["\\$`]/g, '\\$&')}"`;
}
