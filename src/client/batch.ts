/** How one of many went: in the order in which they were asked for. */
export type Settled<T> = { ok: true; value: T } | { ok: false; error: unknown };

/**
 * Runs `work` for each item, at most `concurrency` at once, and never rejects for one that fails. Once
 * `signal` fires nothing new starts, and it rejects with the signal's reason. `onSettled` hears of each as it ends.
 */
export async function inParallel<I, T>(
  items: Iterable<I>,
  concurrency: number,
  work: (item: I) => Promise<T>,
  {
    signal,
    onSettled,
  }: {
    signal?: AbortSignal | undefined;
    onSettled?: ((index: number, settled: Settled<T>) => void) | undefined;
  },
): Promise<Settled<T>[]> {
  const settled: Settled<T>[] = [];
  const queue = Array.from(items).entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      signal?.throwIfAborted();
      const one = await work(item).then(
        (value): Settled<T> => ({ ok: true, value }),
        (error: unknown): Settled<T> => ({ ok: false, error }),
      );
      settled[index] = one;
      onSettled?.(index, one);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(concurrency)) }, worker));
  signal?.throwIfAborted();
  return settled;
}
