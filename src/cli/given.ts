import type { Command } from 'commander';
import { SandboxctlError } from '../errors.js';

/** What the user gave to a command; what was left out is undefined. */
export class Given {
  /** Settings by config key, as commander reads them: text, lists of text, booleans. */
  readonly flags: Record<string, unknown> = {};
  private readonly own: Record<string, unknown> = {};
  private readonly command: Command;

  constructor(command: Command, settings: ReadonlySet<string>) {
    this.command = command;
    for (const [key, value] of Object.entries(command.opts())) {
      // Not what commander fills in: --no-x alone would make x true where nobody said so.
      if (command.getOptionValueSource(key) !== 'cli') continue;
      (settings.has(key) ? this.flags : this.own)[key] = value;
    }
  }

  argument(index: number): string | undefined {
    return this.command.args[index];
  }

  text(key: string): string | undefined {
    const value = this.own[key];
    return typeof value === 'string' ? value : undefined;
  }

  on(key: string): boolean {
    return this.own[key] === true;
  }

  /** A whole number, 0 or more. Throws kind `usage` for anything else. */
  count(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new SandboxctlError('usage', {
      what: `--${key} takes a whole number, not '${text}'`,
      hint: `see 'sandboxctl ${this.command.name()} --help'`,
    });
  }
}
