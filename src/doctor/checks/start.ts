/** The targets of SandboxFusion's Makefile that start its server, in the order in which a job tries them. */
const TARGETS = ['run-online', 'run'] as const;
const LOOPBACK = /^(?:localhost|127\.[\d.]+|::1|\[::1\])$/;

/** Null where a job starts uvicorn itself. */
export function startTarget(makefile: string | null): string | null {
  return TARGETS.find((target) => new RegExp(`^${target}:`, 'm').test(makefile ?? '')) ?? null;
}

/** The line by which `make` has the server listen on loopback whatever HOST the job sets; null if there is none. */
export function loopbackIn(makefile: string | null): string | null {
  const target = startTarget(makefile);
  if (makefile === null || target === null) return null;
  const lines = makefile.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${target}:`)) + 1;
  const recipe = lines.slice(
    first,
    first +
      Math.max(
        0,
        lines.slice(first).findIndex((line) => !/^\t/.test(line)),
      ) || lines.length,
  );
  const command = recipe.find((line) => /--host[ =]/.test(line));
  const host = /--host[ =]['"]?([^\s'"]+)/.exec(command ?? '')?.[1] ?? '';
  if (LOOPBACK.test(host)) return command?.trim() ?? null;
  if (!/^\$[({]HOST[)}]$/.test(host)) return null;
  // `?=` leaves the variable of the environment; the others override it.
  const set = lines.find((line) => /^(?:override\s+)?HOST\s*:{0,2}=/.test(line));
  return set !== undefined && LOOPBACK.test(set.replace(/^[^=]*=\s*/, '').trim()) ? set.trim() : null;
}
