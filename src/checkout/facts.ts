/** What one machine has of a SandboxFusion checkout. Paths are absolute. */
export interface CheckoutFacts {
  folder: string;
  /** `other` where the folder is there and something else. */
  state: 'checkout' | 'absent' | 'other';
  /** Without it the server cannot even be imported. */
  docsBuild: boolean;
  /** Root folder of the conda that is meant: the one that the server lies in, else the first that is found. */
  conda: string | null;
  /** Whether conda makes environments in its own folder; elsewhere SandboxFusion does not find them. */
  condaIsOurs: boolean;
  poetry: string | null;
  /** The environment that `poetry install` filled: its folder. */
  server: Server | null;
  /** Whether the server finds conda, which it looks for above its own Python. */
  serverSeesConda: boolean;
  /** The Python that runs the programs, in the environment `sandbox-runtime`. */
  runtime: string | null;
  /** Tools of TOOLS that are nowhere. */
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
