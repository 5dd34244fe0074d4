/** What happens within this long of the first news is looked at together with it. Milliseconds. */
const GATHER_MS = 20;

/** A pause that ends early when something has happened. */
export function wakeup(sleep: (ms: number, signal?: AbortSignal) => Promise<void>) {
  let notified = new AbortController();
  return {
    notify: () => notified.abort(),
    /** So many milliseconds, or until shortly after it is notified; what was notified since the last pause counts too. */
    async pause(ms: number): Promise<void> {
      await sleep(ms, notified.signal);
      if (!notified.signal.aborted) return;
      await sleep(GATHER_MS);
      notified = new AbortController();
    },
  };
}
