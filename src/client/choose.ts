/** An endpoint that failed is left alone for this long where another is there. Milliseconds. */
const REST_MS = 5_000;

interface Known {
  inFlight: number;
  failedAt: number;
}

/** Which endpoint the next run goes to: the one with the least to do, and rather none that just failed. */
export class Chooser {
  private readonly known = new Map<string, Known>();
  /** Clients that live for one run each, as `sandboxctl run` is, must not all begin with the same endpoint. */
  private turn = Math.floor(Math.random() * 2 ** 16);
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** `tried` are those that failed this run: they come last. Undefined where there is no endpoint. */
  next(urls: readonly string[], tried: readonly string[]): string | undefined {
    const start = urls.length === 0 ? 0 : this.turn++ % urls.length;
    const turned = [...urls.slice(start), ...urls.slice(0, start)];
    const cost = (url: string): number[] => {
      const { inFlight = 0, failedAt = Number.NEGATIVE_INFINITY } = this.known.get(url) ?? {};
      const rests = this.now() - failedAt < REST_MS ? 1 : 0;
      return [tried.filter((each) => each === url).length, rests, inFlight];
    };
    return turned.sort((a, b) => compare(cost(a), cost(b)))[0];
  }

  started(url: string): void {
    this.of(url).inFlight += 1;
  }

  ended(url: string, failed: boolean): void {
    const known = this.of(url);
    known.inFlight -= 1;
    known.failedAt = failed ? this.now() : Number.NEGATIVE_INFINITY;
  }

  /** It turned out to be unwell after a run had ended there. */
  failed(url: string): void {
    this.of(url).failedAt = this.now();
  }

  private of(url: string): Known {
    const known = this.known.get(url) ?? { inFlight: 0, failedAt: Number.NEGATIVE_INFINITY };
    this.known.set(url, known);
    return known;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
