/** Pids that came in while another one, who was not killed, was inside. */
export function collisions(journal: string): string[] {
  const killed = new Set<string>();
  const found: string[] = [];
  let inside: string | undefined;
  for (const line of journal.trim().split('\n')) {
    const [what, pid = ''] = line.split(' ');
    if (what === 'killing') killed.add(pid);
    if (what === 'out' && inside === pid) inside = undefined;
    if (what !== 'in') continue;
    if (inside !== undefined && !killed.has(inside)) found.push(`${pid} while ${inside}`);
    inside = pid;
  }
  return found;
}
