/** What happens within this long of the first news is looked at together with it. Milliseconds. */
const GATHER_MS = 20;

/** A pause that ends early when something has happened. */
export function bell(sleep: (ms: number, signal?: AbortSignal) => Promise<void>) {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    /** So many milliseconds, or until shortly after it rings; what rang since the last pause counts too. */
    async pause(ms: number): Promise<void> {
      await sleep(ms, rung.signal);
      if (!rung.signal.aborted) return;
      await sleep(GATHER_MS);
      rung = new AbortController();
    },
  };
}
