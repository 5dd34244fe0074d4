import fc from 'fast-check';

/** What shells, sbatch, handlebars and printf trip over. No NUL: no process can be given one. */
export const NASTY = [
  '',
  ' ',
  'a b',
  ' lead and trail ',
  "it's",
  '"quoted"',
  `'"'"'`,
  '$(touch /tmp/pwned)',
  '`id`',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  '$HOME ${PATH} $$ $1',
  'a,b,c',
  'line\nbreak',
  '\nfirst',
  'last\n\n',
  'dos\r\nbreak',
  '\r',
  'tab\there',
  '# no comment',
  'a #b',
  '100% %s %d %n %j %%',
  'back\\slash \\n \\',
  '\\',
  "'\\''",
  '!history',
  '~root *?[a]{b,c}',
  '{{fleet}} {{{image}}} {{#if}}',
  'a;b&c|d>e<f(g)',
  '-n',
  '--flag=x',
  '@RANDOM@',
  'LAUNCH',
  'ünïcödé ☃ 漢字 🎉',
  '\u001b[31m\u0007\u007f',
  '\u2028\ufeff\u00a0',
  '=',
  'a=b=c',
] as const;

/** Any text that a process can be given, nasty ones often. */
export const anyText = fc
  .oneof(
    fc.constantFrom(...NASTY),
    fc.string({ unit: 'binary-ascii', maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.array(fc.constantFrom(...NASTY), { maxLength: 4 }).map((parts) => parts.join('')),
  )
  .map((text) => text.replaceAll('\0', ''));

/** A text without control characters, as the config allows in most settings. */
export const oneLine = anyText.map((text) => text.replace(/\p{Cc}/gu, ''));

/** The name of one folder; 255 bytes are Linux's limit. */
export const folderName = anyText.map((text) => `x${text.replaceAll('/', '-')}`);
