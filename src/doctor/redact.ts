const NAMES =
  '(?:password|passwd|passphrase|secret|api[-_ ]?key|access[-_]?key|token|credential|cookie|session|signature)';

/** What no report may hold, whoever wrote it: web tokens, credentials of a header or a URL, and keys. */
const SHAPES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, '[web token]'],
  [/-----BEGIN [A-Z ]*KEY-----[\s\S]*?(?:-----END [A-Z ]*KEY-----|$)/g, '[key]'],
  [/\b(authorization["'\\]*\s*[:=]\s*)[^"'\\\n,]+/gi, '$1[redacted]'],
  [/\b(Bearer|Basic|token) +[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  // A password may hold slashes and more of these signs.
  [/(\w+:\/\/)[^\s"'<>]*@/g, '$1[redacted]@'],
  // Signatures and keys go by many names there.
  [/([?&][\w.-]+=)[^&\s"'\\]+/g, '$1[redacted]'],
  [
    /\b(hooks\.slack\.com|discord(?:app)?\.com\/api\/webhooks|[\w.-]+\.webhook\.office\.com)\/[^\s"'\\]+/gi,
    '$1/[redacted]',
  ],
  // Tokens by which Hugging Face, GitHub, GitLab, npm, Docker, PyPI, Slack, AWS, Google and OpenAI are known.
  [
    /\b(?:hf_|gh[a-z]_|github_pat_|glpat-|npm_|dckr_pat_|pypi-|xox[a-z]-|AKIA|ASIA|AIza|ya29\.|sk-)[\w.[\]-]{8,}/g,
    '[token]',
  ],
  // Secrets of jobs and nonces, but also digests: who reads a report needs neither.
  [/\b[\da-f]{24,}\b/gi, '[hex]'],
  [
    new RegExp(
      `([\\w-]*${NAMES}[\\w-]*["'\\\\]*\\s*(?:[=:]|\\bis\\b)\\s*["'\\\\]*)(?!\\[)[^\\s"',;\\\\]+`,
      'gi',
    ),
    '$1[redacted]',
  ],
  [new RegExp(`(-[\\w-]*(?:${NAMES}|key)[\\w-]*\\s+)(?!\\[)[^\\s"'\\\\]+`, 'gi'), '$1[redacted]'],
  [/(\s(?:-u|--user)[ =])[^\s"'\\]+/g, '$1[redacted]'],
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
