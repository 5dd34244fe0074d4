import { optionsFor } from '../config/flags.js';
import { type Called, GLOBAL_OPTIONS, type Verb } from './verb.js';
import { VERBS } from './verbs.js';

/** Flags that say where things are. Every command in a hint needs them. */
const LOCATION_FLAGS = ['--fleet', '--config', '--cluster', '--cluster-name', '--image-dir'];
const WITHOUT_FLEET = ['init', 'import-image', 'serve', 'config show', 'gc', 'completion'];

const NAMES = VERBS.map(({ name }) => name).join('|');
/** Not after "the same", which already says that the flags stay. */
const COMMAND = new RegExp(`(?<!same ')(sandboxctl(?: -v)? (${NAMES})(?![\\w-]))([^';,]*)`, 'g');

/** Adds flags so that the commands of a hint can be copied: all that the user gave, or where things are. */
export function keepFlags(hint: string, called: Called | undefined): string {
  if (called === undefined) return hint;
  return hint.replace(COMMAND, (whole, command: string, name: string, rest: string) => {
    const verb = VERBS.find((each) => each.name === name);
    if (verb === undefined || rest.includes('--help')) return whole;
    const accepted = optionsOf(verb);
    const given = rest.trim().split(/ +/);
    const has = (long: string) => given.some((word) => word === long || word === accepted.get(long)?.short);
    const kept = called.flags.filter(
      ([long]) => accepted.has(long) && !has(long) && (name === called.name || LOCATION_FLAGS.includes(long)),
    );
    const args =
      name === called.name && !hasArgument(given, accepted) && !verb.passesThrough ? called.args : [];
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

function hasArgument(words: readonly string[], accepted: ReadonlyMap<string, Option>): boolean {
  const valued = (word = '') =>
    [...accepted].some(([long, option]) => option.valued && (word === long || word === option.short));
  return words.some((word, at) => word !== '' && !word.startsWith('-') && !valued(words[at - 1]));
}

function asTyped(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replace(/["\\$`]/g, '\\$&')}"`;
}
