import type { Doubt } from '../../api/verdict.js';
import { type Endpoint, isOurs } from '../endpoint.js';

/** Which answers of `/run_code` wait until their server is known to be healthy. */
const VERIFY_MODES = ['failures', 'all', 'none'] as const;
export type VerifyMode = (typeof VERIFY_MODES)[number];

/** What an answer needs before it is passed on. */
export interface Needs {
  /** A health check that begins so many milliseconds after it; null for none. */
  afterMs: number | null;
  /** A second run with a result of this kind; null for none. */
  confirm: Doubt['confirm'];
  /** Why, for the caller whose time runs out before. */
  reason: string;
}

export const NOTHING: Needs = { afterMs: null, confirm: null, reason: '' };

export function needsOf(doubt: Doubt | null, mode: VerifyMode, endpoint: Endpoint): Needs {
  if (mode === 'none') return NOTHING;
  // Our own server loses no output.
  const needs: Needs =
    doubt === null || (doubt.confirm === 'no output' && isOurs(endpoint)) ? NOTHING : doubt;
  if (mode === 'all' && needs.afterMs === null)
    return { afterMs: 0, confirm: needs.confirm, reason: needs.reason || 'the program succeeded' };
  return needs;
}
