/** Notifications within this long after the first are handled together. Milliseconds. */
const GATHER_MS = 20;

export function wakeup(sleep: (ms: number, signal?: AbortSignal) => Promise<void>) {
  let notified = new AbortController();
  return {
    notify: () => notified.abort(),
    async pause(ms: number): Promise<void> {
      await sleep(ms, notified.signal);
      if (!notified.signal.aborted) return;
      await sleep(GATHER_MS);
      notified = new AbortController();
    },
  };
}
