export interface FailedTry {
  url: string;
  reason: string;
}

/** All attempts failed because of the sandbox. The program may or may not have run. */
export class SandboxInfraError extends Error {
  override readonly name = 'SandboxInfraError';
  readonly tries: readonly FailedTry[];

  constructor(tries: readonly FailedTry[]) {
    const last = tries.at(-1);
    super(last === undefined ? 'no endpoint to run on' : `${last.reason} (${last.url})`);
    this.tries = tries;
  }
}

export class SandboxRequestError extends Error {
  override readonly name = 'SandboxRequestError';
  readonly url: string;

  constructor(url: string, reason: string) {
    super(reason);
    this.url = url;
  }
}
