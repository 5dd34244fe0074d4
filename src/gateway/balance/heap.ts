interface Placed {
  place: number;
}

/** A binary heap whose items know their place, so that one whose rank changed moves in log n steps. */
export class Heap<T extends Placed> {
  private readonly items: T[] = [];
  private readonly before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.before = before;
  }

  get size(): number {
    return this.items.length;
  }

  add(item: T): void {
    item.place = this.items.length;
    this.items.push(item);
    this.up(item);
  }

  remove(item: T): void {
    const last = this.items.pop();
    if (last !== undefined && last !== item) {
      this.put(last, item.place);
      this.moved(last);
    }
    item.place = -1;
  }

  /** To be called when an item's rank has changed. */
  moved(item: T): void {
    this.up(item);
    this.down(item);
  }

  /** The first item in order for which `wanted` holds; looks at no more than two for each before it. */
  first(wanted: (item: T) => boolean): T | undefined {
    const top = this.items[0];
    if (top === undefined || wanted(top)) return top;
    const open = this.children(top);
    while (open.length > 0) {
      let best = 0;
      for (let at = 1; at < open.length; at += 1) {
        if (this.before(open[at] as T, open[best] as T)) best = at;
      }
      const [item] = open.splice(best, 1) as [T];
      if (wanted(item)) return item;
      open.push(...this.children(item));
    }
    return undefined;
  }

  private children({ place }: T): T[] {
    return this.items.slice(2 * place + 1, 2 * place + 3);
  }

  private up(item: T): void {
    while (item.place > 0) {
      const parent = this.items[(item.place - 1) >> 1] as T;
      if (!this.before(item, parent)) return;
      this.swap(item, parent);
    }
  }

  private down(item: T): void {
    for (;;) {
      const [left, right] = this.children(item);
      if (left === undefined) return;
      const least = right !== undefined && this.before(right, left) ? right : left;
      if (!this.before(least, item)) return;
      this.swap(item, least);
    }
  }

  private swap(a: T, b: T): void {
    const { place } = a;
    this.put(a, b.place);
    this.put(b, place);
  }

  private put(item: T, place: number): void {
    item.place = place;
    this.items[place] = item;
  }
}
