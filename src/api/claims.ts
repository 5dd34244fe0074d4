interface Claim<E> {
  by: E;
  words: string;
  /** Whether its endpoint passed a health check after it; undefined until that is known. */
  healthy: boolean | undefined;
}

/**
 * What endpoints said against one request. It is at fault if two healthy ones agree, or the only one says it twice.
 */
export class Claims<E> {
  private readonly claims: Claim<E>[] = [];

  add(by: E, words: string): Claim<E> {
    const claim: Claim<E> = { by, words, healthy: undefined };
    this.claims.push(claim);
    return claim;
  }

  /** `alone`: no other endpoint is in rotation. `pending`: at fault if the health checks under way pass. */
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
