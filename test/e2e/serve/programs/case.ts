import type { RunCodeRequest } from '../../../../src/api/wire.js';
import type { ModeName } from './modes.js';

/** A program that must do in a sandbox what it does under a plain shell. */
export interface ProgramCase extends RunCodeRequest {
  name: string;
  /** Where docs/compatibility.md says that it does something else. */
  differsIn?: readonly ModeName[];
}

/** The first of each subject runs in `npm test`. */
export type Subject = readonly ProgramCase[];

/** What a run did, as far as it is compared: paths of temporary folders differ. */
export interface Behaviour {
  compile: StageBehaviour | undefined;
  run: StageBehaviour | undefined;
}

export interface StageBehaviour {
  /** Negative for a signal; null for a timeout. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Of a thread, as faulthandler prints it. */
const ADDRESS = /0x[0-9a-f]{12,16}\b/g;
/** As compilers tell it. */
const SOURCE_FILE = /\btmp[a-z0-9_]{8}(?=\.\w)/g;
/** Of a compiler. */
const OBJECT_FILE = /\/tmp(\/FOLDER)?\/cc[A-Za-z0-9]{6}\b/g;
const FOLDER = /\/tmp\/tmp[a-z0-9_]{8}(\/tmp[a-z0-9_]{8}\b)?/g;

export function stageBehaviour(code: number | null, stdout: Buffer, stderr: Buffer): StageBehaviour {
  const text = (bytes: Buffer) =>
    bytes
      .toString('latin1')
      .replace(FOLDER, '/tmp/FOLDER')
      .replace(SOURCE_FILE, 'FILE')
      .replace(OBJECT_FILE, '/tmp/OBJECT')
      .replace(ADDRESS, '0xADDRESS');
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
