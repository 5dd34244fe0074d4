/** What one machine has of a SandboxFusion checkout. Paths are absolute. */
export interface CheckoutFacts {
  folder: string;
  state: 'checkout' | 'absent' | 'other';
  docsBuild: boolean;
  /** Root folder of the conda that is meant: the one that the server lies in, else the first that is found. */
  conda: string | null;
  /** Whether conda makes environments in its own folder; elsewhere SandboxFusion does not find them. */
  condaIsOurs: boolean;
  poetry: string | null;
  /** The environment that `poetry install` filled: its folder. */
  server: Server | null;
  serverSeesConda: boolean;
  runtime: string | null;
  missingTools: string[];
}

export interface Server {
  folder: string;
  /** Such as `3.11`. */
  python: string | null;
  /** Found by being active in the caller's shell alone, which a job does not have. */
  activeOnly: boolean;
}

/** conda's environment for the programs, by which SandboxFusion activates it. */
export const RUNTIME_ENVIRONMENT = 'sandbox-runtime';
/** conda's environment for the server, as SandboxFusion's own README names it. */
export const SERVER_ENVIRONMENT = 'sandbox';

/** What the server calls for the languages, but for those of `sandbox-runtime`. */
export const TOOLS: Readonly<Record<string, readonly string[]>> = {
  'g++': ['cpp'],
  node: ['nodejs'],
  go: ['go', 'go_test'],
  javac: ['java', 'junit'],
  php: ['php'],
  dotnet: ['csharp'],
  tsx: ['typescript'],
  npx: ['jest'],
  rustc: ['rust'],
  nvcc: ['cuda'],
  lua: ['lua'],
  Rscript: ['R'],
  perl: ['perl'],
  dmd: ['D_ut'],
  ruby: ['ruby'],
  scalac: ['scala'],
  julia: ['julia'],
  kotlin: ['kotlin_script'],
  iverilog: ['verilog'],
  lake: ['lean'],
  swiftc: ['swift'],
  racket: ['racket'],
};
