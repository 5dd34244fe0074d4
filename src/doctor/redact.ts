/** What no report may hold, whoever wrote it: web tokens, credentials of a header or a URL, and keys. */
const SHAPES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, '[web token]'],
  [/\b(Bearer|Basic|token) +[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  [/(\w+:\/\/)[^/\s@]+@/g, '$1[redacted]@'],
  [/-----BEGIN [A-Z ]*KEY-----[\s\S]*?(?:-----END [A-Z ]*KEY-----|$)/g, '[key]'],
  // Secrets of jobs and nonces, but also digests: who reads a report needs neither.
  [/\b[\da-f]{24,}\b/gi, '[hex]'],
  [/\b(password|passwd|secret|api_?key|token)(["']?\s*[=:]\s*["']?)(?!\[)[^\s"',;]+/gi, '$1$2[redacted]'],
];

/** Shorter ones are words that stand everywhere. */
const LEAST = 4;

/** `text` without the secrets, and without all that looks like one. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = [...new Set(secrets)]
    .filter((each) => each.length >= LEAST)
    .sort((a, b) => b.length - a.length);
  const without = known.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text);
  return SHAPES.reduce((left, [pattern, instead]) => left.replace(pattern, instead), without);
}

const SECRET_NAME = /token|secret|passw|credential|jwt|_key$|apikey|_pat$|auth/i;

/** Values of variables whose names say that they are secret. */
export function secretsIn(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) => (value && SECRET_NAME.test(name) ? [value] : []));
}
