import type { ReporterFactory } from '../context.js';
import { jsonReporter } from './json.js';
import { plainReporter } from './plain.js';

/** The reporter that fits where the output goes. */
export const makeReporter: ReporterFactory = (session, { json, fleet, now }) => {
  if (!json) return plainReporter(session.io.stderr);
  const reporter = jsonReporter(session.io.stdout, fleet ?? '', now);
  session.onClose((ending) => reporter.end(ending));
  return reporter;
};
