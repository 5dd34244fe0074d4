import type { UngroupedVerb, Verb } from '../verb.js';

/** `allVerbs` is a function because `completion` offers itself too. */
export const moreVerbs = (allVerbs: () => readonly Verb[]): readonly UngroupedVerb[] => [
  {
    name: 'gc',
    summary: 'List what belongs to no fleet any more, and remove it after confirmation',
    examples: [
      ['only list it', 'sandboxctl gc > leftovers.txt'],
      ['remove it without asking', 'sandboxctl gc --yes'],
    ],
    options: [
      ['--older-than <duration>', 'age of logs and of stopped fleets that are removed (default: 30d)'],
    ],
    settings: true,
    run: async (context, given) => {
      const { gc } = await import('../../commands/gc.js');
      await gc(context, { flags: given.flags, olderThan: given.text('olderThan') });
    },
  },
  {
    name: 'config show',
    summary: 'Print the effective configuration',
    examples: [['with the source of each value', 'sandboxctl config show --origin']],
    options: [
      ['--origin', 'show where each value comes from'],
      ['--json', 'print one JSON document'],
    ],
    run: async (context, given) => {
      const { showConfig } = await import('../../commands/config.js');
      await showConfig(context, { flags: given.flags, origin: given.on('origin'), json: given.on('json') });
    },
  },
  {
    name: 'completion',
    args: '<shell> [words...]',
    summary: 'Print a completion script for bash, zsh or fish',
    examples: [
      ['in ~/.bashrc', 'source <(sandboxctl completion bash)'],
      ['in ~/.zshrc, after compinit', 'source <(sandboxctl completion zsh)'],
      ['once', 'sandboxctl completion fish > ~/.config/fish/completions/sandboxctl.fish'],
    ],
    run: async (context, given) => {
      const { completion } = await import('../../commands/completion.js');
      const { candidates } = await import('../completion/candidates.js');
      await completion(context, given.arguments(), (words, valuesOf) =>
        candidates(allVerbs(), words, valuesOf),
      );
    },
  },
];
