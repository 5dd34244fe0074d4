import { SandboxctlError } from '../errors.js';

export const DEFAULT_FLEET = 'sandbox';
const FLEET_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const COMMENT = /^sandboxctl:([a-z0-9][a-z0-9-]{0,31}):(\d+):([0-9a-z]+)$/;
const SCRIPT = /\/fleets\/([a-z0-9][a-z0-9-]{0,31})\/submissions\/([0-9a-z]+)\/script\.sbatch$/;
const COMMENT_PREFIX = 'sandboxctl:';

export interface JobTag {
  fleet: string;
  generation: number;
  submission: string;
}

export const isFleetName = (name: string): boolean => FLEET_NAME.test(name);

export function checkFleetName(name: string): string {
  if (isFleetName(name)) return name;
  throw new SandboxctlError('usage', {
    what: `'${name}' is no name for a fleet`,
    detail: 'a name has 1 to 32 characters out of a-z, 0-9 and -, and does not start with -',
    hint: 'choose another with --fleet',
  });
}

export function jobName(fleet: string): string {
  return `sandboxctl-${fleet}`;
}

const KEEPER_COMMENT = /^sandboxctl\.keep:([a-z0-9][a-z0-9-]{0,31}):([0-9a-z]+)$/;
const KEEPER_SCRIPT = /\/fleets\/([a-z0-9][a-z0-9-]{0,31})\/keepers\/([0-9a-z]+)\.sbatch$/;

/** Fleet names contain no dot, so this cannot be another fleet's job. */
export function keeperJobName(fleet: string): string {
  return `sandboxctl.keep.${fleet}`;
}

export function renderKeeperComment(fleet: string, id: string): string {
  return `sandboxctl.keep:${fleet}:${id}`;
}

/** The same as `tagOf`, for a job that keeps a fleet. */
export function keeperTagOf(comment: string, script: string): JobTag | undefined {
  const match = KEEPER_COMMENT.exec(comment.trim()) ?? KEEPER_SCRIPT.exec(script);
  if (match === null) return undefined;
  const [, fleet = '', submission = ''] = match;
  return { fleet, generation: 0, submission };
}

export function renderComment(tag: JobTag): string {
  return `${COMMENT_PREFIX}${tag.fleet}:${tag.generation}:${tag.submission}`;
}

export function tagOf(comment: string, script: string): JobTag | undefined {
  const told = parseComment(comment);
  if (told !== undefined) return told;
  const match = SCRIPT.exec(script);
  if (match === null) return undefined;
  const [, fleet = '', submission = ''] = match;
  return { fleet, generation: 0, submission };
}

export function parseComment(comment: string): JobTag | undefined {
  const match = COMMENT.exec(comment.trim());
  if (match === null) return undefined;
  const [, fleet = '', generation, submission = ''] = match;
  return { fleet, generation: Number(generation), submission };
}
