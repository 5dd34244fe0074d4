/** Every way sandboxctl ends, with its exit code (docs/commands.md prints this table). */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'done' },
  bug: { code: 1, meaning: 'a bug in sandboxctl' },
  usage: { code: 2, meaning: 'invalid usage, or a confirmation that was declined' },
  config: { code: 3, meaning: 'invalid configuration' },
  tool: { code: 4, meaning: 'a tool is missing or unreachable' },
  refused: { code: 5, meaning: 'the operation failed (deployment, image import), or doctor found errors' },
  waiting: { code: 6, meaning: 'timed out while waiting; the jobs keep running' },
  absent: { code: 7, meaning: 'nothing is deployed under that name' },
  locked: { code: 8, meaning: 'another process holds the lock' },
  interrupted: { code: 130, meaning: 'interrupted (SIGINT)' },
  terminated: { code: 143, meaning: 'terminated (SIGTERM)' },
} as const;

export type ExitKind = keyof typeof EXIT_CODES;
export type ErrorKind = Exclude<ExitKind, 'done'>;

export interface ErrorParts {
  what: string;
  detail?: string;
  hint: string;
  tail?: string[];
  /** Of the failure rule that it is, if it is one (src/failures). */
  failure?: string | undefined;
  cause?: unknown;
}

/** The only error that reaches a user as three lines; anything else is a bug of ours. */
export class SandboxctlError extends Error {
  readonly kind: ErrorKind;
  readonly detail: string | undefined;
  readonly hint: string;
  readonly tail: string[];
  readonly failure: string | undefined;

  constructor(kind: ErrorKind, parts: ErrorParts) {
    super(parts.what, { cause: parts.cause });
    this.name = 'SandboxctlError';
    this.kind = kind;
    this.detail = parts.detail;
    this.hint = parts.hint;
    this.tail = parts.tail ?? [];
    this.failure = parts.failure;
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind].code;
  }

  toJSON(): Record<string, unknown> {
    return {
      kind: this.kind,
      exit_code: this.exitCode,
      what: this.message,
      words: this.detail ?? null,
      hint: this.hint,
      tail: this.tail,
      ...(this.failure === undefined ? {} : { failure: this.failure }),
    };
  }
}

export function bug(what: string, cause?: unknown): SandboxctlError {
  return new SandboxctlError('bug', {
    what,
    hint: 'this is a bug in sandboxctl: please report it with the command and the output of SANDBOXCTL_DEBUG=1',
    cause,
  });
}

export function firstWords(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '') ?? ''
  );
}

const UNNAMED: Readonly<Record<number, readonly [code: string, words: string]>> = {
  [-116]: ['ESTALE', 'stale file handle'],
  [-122]: ['EDQUOT', 'disk quota exceeded'],
};

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [code, words] = unnamed(error) ?? [];
  return code === undefined
    ? error.message
    : error.message.replace(/^(Unknown system error -\d+): \1/, `${code}: ${words}`);
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return undefined;
  return unnamed(error)?.[0] ?? error.code;
}

function unnamed(error: Error): readonly [code: string, words: string] | undefined {
  return 'errno' in error ? UNNAMED[Number(error.errno)] : undefined;
}

/** What a terminal obeys, and what reorders the text around it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\u0000-\u0008\n-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A line that is safe to show in a terminal, whoever wrote it. */
export function printable(line: string): string {
  return line.replace(/[\r\n]+/g, ' ').replace(CONTROL, escaped);
}

export function printableLines(text: string): string {
  return text.replace(CONTROL, (character) => (character === '\n' ? character : escaped(character)));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
