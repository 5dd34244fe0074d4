export interface Setting {
  key: string;
  /** What stands in for the value in help, such as `<n>`; none for a switch. */
  value?: string;
  kind:
    | 'text'
    | 'int'
    | 'switch'
    | 'list'
    | 'duration'
    | 'slurmTime'
    | 'size'
    | 'choice'
    | 'workers'
    | 'portRange';
  choices?: readonly string[];
  min?: number;
  max?: number;
  default: string | number | boolean | readonly string[] | null;
  /** One line, starts with a verb or a noun, no full stop. */
  about: string;
  /** The commands that take it as a flag. */
  commands: readonly string[];
  group: string;
  short?: string;
  /** A value for the annotated example, as YAML, where the default shows nothing. */
  example?: string;
  /** A file or folder: relative ones belong to the folder of the config file, or to that of the call. */
  path?: true;
}

export const DEPLOY = ['deploy'] as const;
export const BOTH = ['deploy', 'import-image'] as const;
