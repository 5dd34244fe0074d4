import { parseDuration } from '../text/duration.js';
import { z } from '../vendor/zod.js';
import { expectation, WORKERS_MAX } from './expectation.js';
import { TEXT_RULES } from './rules.js';
import { type Config, SETTINGS, type Setting } from './settings.js';
import { formatSlurmTime, parsePortRange, parseSize, parseTimeLimit } from './units.js';

function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}

function redacted(setting: Setting, text: string): string {
  return setting.key === 'env' ? text.replace(/=.*$/s, '=...') : text;
}

/** Nothing is coerced: a number in quotes is a text, and null and "" are not numbers. */
function field(setting: Setting): z.ZodType {
  const must = {
    error: (issue: { input?: unknown }) => `must be ${expectation(setting)} (got ${shown(issue.input)})`,
  };
  const parsed = <T>(parse: (text: string) => T | undefined) =>
    z.string(must).transform((text, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: must.error({ input: text }) });
      return z.NEVER;
    });
  const ruled = z.string(must).superRefine((text, context) => {
    const broken = TEXT_RULES[setting.key]?.(text);
    if (broken !== undefined)
      context.addIssue({ code: 'custom', message: `${broken} (got ${shown(redacted(setting, text))})` });
  });
  switch (setting.kind) {
    case 'text':
      // Most texts become a part of an #SBATCH line, which a line break would end.
      return ruled.refine((text) => text !== '' && !/\p{Cc}/u.test(text), must);
    case 'int':
      return z
        .int(must)
        .min(setting.min ?? 0, must)
        .max(setting.max ?? Number.MAX_SAFE_INTEGER, must);
    case 'switch':
      return z.boolean(must);
    case 'list':
      return z.preprocess((raw) => (typeof raw === 'string' ? [raw] : raw), z.array(ruled, must));
    case 'duration':
      return parsed(parseDuration);
    case 'slurmTime':
      return parsed(slurmTimeOf);
    case 'size':
      return parsed(parseSize);
    case 'choice':
      return z.enum([...(setting.choices ?? [])], must);
    case 'workers':
      return z.union([z.literal('auto'), z.int().min(1, must).max(WORKERS_MAX, must)], must);
    case 'portRange':
      return parsed(parsePortRange);
  }
}

/** In sbatch's own format, or a duration as other settings take it; a number alone is minutes, as for sbatch. */
function slurmTimeOf(text: string): string | undefined {
  if (parseTimeLimit(text) !== undefined) return text;
  const seconds = parseDuration(text);
  return seconds === undefined || seconds === 0 ? undefined : formatSlurmTime(seconds);
}

const settings: readonly Setting[] = SETTINGS;

/** For one layer: every key is optional, unknown keys are errors, null is allowed only if it is the default. */
const schema = z.strictObject(
  Object.fromEntries(
    settings.map((setting) => {
      const inner = field(setting);
      return [setting.key, (setting.default === null ? inner.nullable() : inner).optional()];
    }),
  ),
);

export interface Issue {
  key: string;
  index?: number;
  rule: string;
  unknown?: true;
}

export function checkValues(raw: Readonly<Record<string, unknown>>): {
  values: Partial<Config>;
  issues: Issue[];
} {
  const result = schema.safeParse(raw);
  // The schema is built from the table that Config is derived from.
  if (result.success) return { values: result.data as Partial<Config>, issues: [] };
  const issues = new Map<string, Issue>();
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) issues.set(key, { key, rule: 'is not a setting', unknown: true });
      continue;
    }
    const [key, index] = issue.path;
    const place = issue.path.join('.');
    if (!issues.has(place)) {
      issues.set(place, {
        key: String(key),
        rule: issue.message,
        ...(typeof index === 'number' ? { index } : {}),
      });
    }
  }
  return { values: {}, issues: [...issues.values()] };
}
