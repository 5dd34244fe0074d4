import { stringify } from '../vendor/yaml.js';
import { wrap } from './docs.js';
import type { Config } from './settings.js';

export interface Entry {
  key: keyof Config;
  value: unknown;
  about: readonly string[];
  on: boolean;
}

const WIDTH = 98;
const ON_ONE_LINE = { lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: false } as const;

export function starterYaml(head: readonly string[], entries: readonly Entry[]): string {
  const parts = entries.map(({ key, value, about, on }) => {
    return `${commented(about)}${on ? '' : '#'}${key}: ${stringify(value, ON_ONE_LINE)}`;
  });
  return [commented(head), ...parts].join('\n');
}

function commented(sentences: readonly string[]): string {
  return sentences
    .flatMap((sentence) => (sentence.startsWith('  ') ? [sentence] : wrap(sentence, WIDTH)))
    .map((line) => `# ${line}\n`)
    .join('');
}
