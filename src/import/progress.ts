/** Shows the phases of an import to the user. */
export interface Progress {
  phase(text: string): void;
  /** A line that stays: a warning, or what was decided. */
  note(text: string): void;
  /** Removes what shows the current phase. */
  close(): void;
}
