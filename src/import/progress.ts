export interface Progress {
  phase(text: string): void;
  /** A line that stays: a warning, or what was decided. */
  note(text: string): void;
  close(): void;
}
