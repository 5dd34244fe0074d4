interface Indexed {
  heapIndex: number;
}

/** A binary heap whose items know their index, so that one whose rank changed moves in log n steps. */
export class Heap<T extends Indexed> {
  private readonly items: T[] = [];
  private readonly before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.before = before;
  }

  get size(): number {
    return this.items.length;
  }

  add(item: T): void {
    item.heapIndex = this.items.length;
    this.items.push(item);
    this.siftUp(item);
  }

  remove(item: T): void {
    const last = this.items.pop();
    if (last !== undefined && last !== item) {
      this.setAt(last, item.heapIndex);
      this.update(last);
    }
    item.heapIndex = -1;
  }

  update(item: T): void {
    this.siftUp(item);
    this.siftDown(item);
  }

  /** The first item in order that is accepted; compares at most two items for each rejected one. */
  first(accepts: (item: T) => boolean): T | undefined {
    const top = this.items[0];
    if (top === undefined || accepts(top)) return top;
    const open = this.children(top);
    while (open.length > 0) {
      let best = 0;
      for (let at = 1; at < open.length; at += 1) {
        if (this.before(open[at] as T, open[best] as T)) best = at;
      }
      const [item] = open.splice(best, 1) as [T];
      if (accepts(item)) return item;
      open.push(...this.children(item));
    }
    return undefined;
  }

  private children({ heapIndex }: T): T[] {
    return this.items.slice(2 * heapIndex + 1, 2 * heapIndex + 3);
  }

  private siftUp(item: T): void {
    while (item.heapIndex > 0) {
      const parent = this.items[(item.heapIndex - 1) >> 1] as T;
      if (!this.before(item, parent)) return;
      this.swap(item, parent);
    }
  }

  private siftDown(item: T): void {
    for (;;) {
      const [left, right] = this.children(item);
      if (left === undefined) return;
      const least = right !== undefined && this.before(right, left) ? right : left;
      if (!this.before(least, item)) return;
      this.swap(item, least);
    }
  }

  private swap(a: T, b: T): void {
    const { heapIndex } = a;
    this.setAt(a, b.heapIndex);
    this.setAt(b, heapIndex);
  }

  private setAt(item: T, heapIndex: number): void {
    item.heapIndex = heapIndex;
    this.items[heapIndex] = item;
  }
}
