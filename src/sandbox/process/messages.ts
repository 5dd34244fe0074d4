import type { Plan } from '../isolation/plan.js';
import {
  ClientTimedOut,
  NotBegun,
  type Outcome,
  type Program,
  RequestFault,
  SandboxFailure,
  type VisiblePath,
} from '../types.js';
import type { Piece } from './pieces.js';

export type LauncherRequest =
  | { begin: Plan; offset: number; stage: readonly string[] }
  | { show: readonly VisiblePath[] }
  | { measure: true }
  | { endLargest: true }
  | { id: number; program: Program }
  | { id: number; cancel: true }
  | Piece;

export type LauncherReply =
  | { ready: true }
  | { broken: string }
  | { largest: number }
  | { id: number; outcome: Outcome }
  | { id: number; failure: Failure }
  | Piece;

export interface Failure {
  kind: 'sandbox' | 'not begun' | 'request' | 'patience' | 'other';
  message: string;
}

export function toFailure(error: unknown): Failure {
  return { kind: kindOf(error), message: error instanceof Error ? error.message : String(error) };
}

function kindOf(error: unknown): Failure['kind'] {
  if (error instanceof NotBegun) return 'not begun';
  if (error instanceof SandboxFailure) return 'sandbox';
  if (error instanceof RequestFault) return 'request';
  return error instanceof ClientTimedOut ? 'patience' : 'other';
}

export function fromFailure({ kind, message }: Failure): Error {
  if (kind === 'not begun') return new NotBegun(message);
  if (kind === 'sandbox') return new SandboxFailure(message);
  if (kind === 'patience') return new ClientTimedOut(message);
  return kind === 'request' ? new RequestFault(message) : new Error(message);
}
