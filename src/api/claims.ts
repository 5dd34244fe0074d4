interface Claim<E> {
  by: E;
  /** What the endpoint said, without its random parts. */
  words: string;
  /** Whether its endpoint passed a health check after it; undefined until that is known. */
  healthy: boolean | undefined;
}

/**
 * What endpoints said against one request that may be at fault itself. It is if two healthy endpoints say the same;
 * the same one twice, if there is no other. Pure.
 */
export class Claims<E> {
  private readonly claims: Claim<E>[] = [];

  add(by: E, words: string): Claim<E> {
    const claim: Claim<E> = { by, words, healthy: undefined };
    this.claims.push(claim);
    return claim;
  }

  /**
   * `agreed`: the request is at fault. `pending`: it is, if the health checks under way pass. `alone`: whether no
   * other endpoint than those that claimed is in rotation.
   */
  stateOf({ words }: Claim<E>, alone: boolean): 'agreed' | 'pending' | 'open' {
    const same = this.claims.filter((each) => each.words === words && each.healthy !== false);
    const healthy = same.filter((each) => each.healthy === true);
    if (isEnough(healthy, alone)) return 'agreed';
    return isEnough(same, alone) ? 'pending' : 'open';
  }
}

function isEnough<E>(claims: readonly Claim<E>[], alone: boolean): boolean {
  return alone ? claims.length >= 2 : new Set(claims.map(({ by }) => by)).size >= 2;
}
