const KEPT = 32;

export class RecentRuns {
  private readonly latest = new Map<string, number[]>();
  private readonly medians = new Map<string, number>();

  add(language: string, ms: number): void {
    const all = this.latest.get(language) ?? [];
    this.latest.set(language, all);
    all.push(ms);
    if (all.length > KEPT) all.shift();
    this.medians.delete(language);
  }

  expected(language: string): number {
    const known = this.medians.get(language);
    if (known !== undefined) return known;
    const sorted = (this.latest.get(language) ?? []).toSorted((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
    this.medians.set(language, median);
    return median;
  }
}
