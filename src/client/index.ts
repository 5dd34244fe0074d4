/** The package's library entry: `import { SandboxClient } from 'sandboxctl'`. */
export type { RunCodeRequest, RunCodeResponse } from '../api/wire.js';
export type { Settled } from './batch.js';
export {
  type BatchOptions,
  type RunOptions,
  type RunResult,
  SandboxClient,
  type SandboxClientOptions,
} from './client.js';
export { type FailedTry, SandboxInfraError, SandboxRequestError } from './errors.js';
export { type Endpoints, endpointsFile } from './source.js';
