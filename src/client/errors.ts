/** One try of a run that the sandbox failed. */
export interface FailedTry {
  url: string;
  reason: string;
}

/** The sandbox failed, at every try: it says nothing about the program, which may or may not have run. */
export class SandboxInfraError extends Error {
  override readonly name = 'SandboxInfraError';
  readonly tries: readonly FailedTry[];

  constructor(tries: readonly FailedTry[]) {
    const last = tries.at(-1);
    super(last === undefined ? 'there is no endpoint to run on' : `${last.reason} (${last.url})`);
    this.tries = tries;
  }
}

/** No sandbox would run this request: it is the caller's to correct. */
export class SandboxRequestError extends Error {
  override readonly name = 'SandboxRequestError';
  readonly url: string;

  constructor(url: string, reason: string) {
    super(reason);
    this.url = url;
  }
}
