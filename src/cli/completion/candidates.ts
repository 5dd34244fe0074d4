import type { Candidate, CompletionQuery } from '../../commands/completion/values.js';
import { TOPICS } from '../topics.js';
import { GROUPS, type Verb } from '../verb.js';
import { type Flag, flagsOf } from './flags.js';

/** The completions of the last of `words`, which are those after `sandboxctl`. */
export async function candidates(
  verbs: readonly Verb[],
  words: readonly string[],
  valuesOf: (query: CompletionQuery) => Promise<Candidate[]>,
): Promise<Candidate[]> {
  const typed = joined(words);
  const last = typed.at(-1) ?? '';
  if (typed[0] === 'help' && typed.length > 1) return matching(helpUnder(verbs, typed.slice(1, -1)), last);
  const { name, args, waiting } = read(verbs, typed.slice(0, -1));
  const verb = verbs.find((each) => each.name === name);
  const flags = flagsOf(verb);
  const at = /^(--[^=]+)=(.*)$/s.exec(last);
  const flag = waiting ?? flags.find(({ long }) => long === at?.[1]);
  if (flag !== undefined) {
    const head = waiting === undefined ? `${at?.[1]}=` : '';
    const found = await valuesOf({ value: flag.value ?? '', flag: flag.long, choices: flag.choices });
    return matching(found, at !== null && waiting === undefined ? (at[2] ?? '') : last).map((each) =>
      each.value === ':files' ? each : { ...each, value: head + each.value },
    );
  }
  if (last.startsWith('-')) {
    return matching(
      flags.flatMap(({ long, about, negation }) => [
        { value: long, about },
        ...(negation === undefined ? [] : [{ value: negation, about: `turn off: ${about}` }]),
      ]),
      last,
    );
  }
  if (verb === undefined) return matching(commandsUnder(verbs, name), last);
  return args > 0 ? [] : matching(await valuesOf({ value: argumentOf(verb.name, verb.args) }), last);
}

function joined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [at, word] of words.entries()) {
    if (word === '=' && whole.at(-1)?.startsWith('--')) whole.push('');
    else if (words[at - 1] === '=' && whole.at(-1) === '') whole[whole.length - 1] = word;
    else whole.push(word);
  }
  return whole;
}

interface Line {
  name: string;
  args: number;
  waiting: Flag | undefined;
}

function read(verbs: readonly Verb[], words: readonly string[]): Line {
  const line: Line = { name: '', args: 0, waiting: undefined };
  for (const word of words) {
    const verb = verbs.find((each) => each.name === line.name);
    if (line.waiting !== undefined) line.waiting = undefined;
    else if (word.startsWith('-')) {
      const flag = flagsOf(verb).find(({ long, short }) => word === long || word === short);
      if (flag?.value !== undefined) line.waiting = flag;
    } else if (verb === undefined) line.name = `${line.name} ${word}`.trim();
    else line.args += 1;
  }
  return line;
}

function commandsUnder(verbs: readonly Verb[], name: string): Candidate[] {
  const found = verbsUnder(verbs, name);
  return name === '' ? [...found, { value: 'help', about: 'Show help on a command' }] : found;
}

function verbsUnder(verbs: readonly Verb[], name: string): Candidate[] {
  const head = name === '' ? '' : `${name} `;
  return verbs
    .filter((verb) => verb.name.startsWith(head))
    .map((verb): Candidate => {
      const [value = '', ...more] = verb.name.slice(head.length).split(' ');
      return { value, about: more.length > 0 ? (GROUPS[value] ?? '') : verb.summary };
    });
}

function helpUnder(verbs: readonly Verb[], words: readonly string[]): Candidate[] {
  const topics = Object.keys(TOPICS).map((value) => ({ value, about: 'topic' }));
  return [...verbsUnder(verbs, words.join(' ')), ...(words.length === 0 ? topics : [])];
}

function argumentOf(name: string, args: string | undefined): string {
  const word = /^[<[](\w+)/.exec(args ?? '')?.[1] ?? '';
  return name === 'import-image' ? '' : `<${word}>`;
}

function matching(found: readonly Candidate[], prefix: string): Candidate[] {
  return found.filter(({ value }) => value === ':files' || value.startsWith(prefix));
}
