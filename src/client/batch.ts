export type Settled<T> = { ok: true; value: T } | { ok: false; error: unknown };

/** A failing item does not reject the whole; once `signal` fires, nothing new starts and the promise rejects. */
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
      const outcome = await work(item).then(
        (value): Settled<T> => ({ ok: true, value }),
        (error: unknown): Settled<T> => ({ ok: false, error }),
      );
      settled[index] = outcome;
      onSettled?.(index, outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(concurrency)) }, worker));
  signal?.throwIfAborted();
  return settled;
}
