/**
 * One way in which a job fails, as its log tells it. In `cause` and `hint`, `{1}` is the pattern's first
 * group; `{image}`, `{port}` and `{node}` are the job's own.
 */
export interface Sign {
  pattern: RegExp;
  cause: string;
  hint: string;
  /**
   * Holds also for a server that was ready before. Others are no evidence then: a server logs what the
   * programs that it runs are called and what they print.
   */
  running?: true;
  /** The node lacks what the runtime needs: what was believed of the cluster is wrong. */
  lacks?: true;
  /** What else is to be said where the server runs from a checkout, which has no image. */
  ofCheckout?: { cause?: string; hint: string };
}
