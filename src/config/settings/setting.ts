export interface Setting {
  key: string;
  /** The placeholder of the value in the help, such as `<n>`; none for a switch. */
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
  /** One line that starts with a verb or a noun, without a full stop. */
  about: string;
  commands: readonly string[];
  group: string;
  short?: string;
  example?: string;
  /** Whether it is a path: a relative one starts at the folder of the config file, else at the current folder. */
  path?: true;
}

export const DEPLOY = ['deploy'] as const;
export const DEPLOY_DOCTOR = ['deploy', 'doctor'] as const;
export const BOTH = ['deploy', 'import-image', 'doctor'] as const;
/** The commands that change a fleet, and wait for what comes of it. */
export const CHANGES = ['deploy', 'scale', 'renew'] as const;
