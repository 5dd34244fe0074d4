/** SkyRL-agent appends `/run_code` to the URL that `exec` sets, which ends in it for all other clients. */
export function runTarget(target: string): string {
  return target.replace(/^\/run_code\/run_code(?=\?|$)/, '/run_code');
}
