/** The least and the most of some times, as `40-200`. */
export function span(times: readonly number[]): string {
  return [...new Set([Math.min(...times), Math.max(...times)])].join('-');
}
