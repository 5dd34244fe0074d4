import type { Plan } from '../isolation/plan.js';
import {
  ClientTimedOut,
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
  kind: 'sandbox' | 'request' | 'patience' | 'other';
  message: string;
}

export function toFailure(error: unknown): Failure {
  const kind =
    error instanceof SandboxFailure
      ? 'sandbox'
      : error instanceof RequestFault
        ? 'request'
        : error instanceof ClientTimedOut
          ? 'patience'
          : 'other';
  return { kind, message: error instanceof Error ? error.message : String(error) };
}

export function fromFailure({ kind, message }: Failure): Error {
  if (kind === 'sandbox') return new SandboxFailure(message);
  if (kind === 'patience') return new ClientTimedOut(message);
  return kind === 'request' ? new RequestFault(message) : new Error(message);
}
