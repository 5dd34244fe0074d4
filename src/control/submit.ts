import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { SandboxctlError } from '../errors.js';
import { refusalHint, refusalRule } from '../failures/refusal.js';
import { nodesToExclude } from '../fleet/avoided-nodes.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { Reservation } from '../fleet/cluster-policy.js';
import type { LeftOut } from '../fleet/faults.js';
import { fitBefore } from '../fleet/maintenance.js';
import { planSubmissions, type Submission } from '../fleet/plan.js';
import { type Slot, slotOf } from '../fleet/slot.js';
import { type Spec, slotHash, slotSpec } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { type Placement, renderScript, type TemplateTexts } from '../script/render.js';
import type { FleetStore, SubmissionRecord } from '../state/store.js';

export const PROGRAM = fileURLToPath(new URL('../../bin/sandboxctl.js', import.meta.url));

export interface Submitter {
  scheduler: Scheduler;
  store: FleetStore;
  template: TemplateTexts;
  /** Undefined if the fleet has no gateway. */
  gatewayTemplate?: TemplateTexts | undefined;
  cluster: ClusterFacts;
  cwd: string;
  now: () => number;
  /** Throws kind `locked` if the fleet's lock is no longer held: writing and asking Slurm may have taken minutes. */
  confirmLock?: () => Promise<void>;
  /** The node of the gateway: its next job is asked for there, so that its URL lives on. */
  gatewayNode?: string | null;
  leftOut?: () => readonly LeftOut[];
  /** Called with a note if a job gets a shorter time limit or cannot start yet. */
  onNote?: (reason: string) => void;
}

/** A node on which a job would start within so long counts as free. Milliseconds. */
const SOON_MS = 60_000;

/** Lower-case letters and digits only: it is part of comments and paths. */
export function newSubmissionId(now: number): string {
  return `${now.toString(36)}${randomBytes(5).toString('hex')}`;
}

/**
 * Submits jobs for slots, and yields each submission as soon as sbatch has answered for it, since Slurm may refuse a
 * later one. The record is written before sbatch runs, so that a kill at any point leaves either no job or one that
 * the next run finds. `jobId` stays null if sbatch gave no clear answer. Throws kind `refused` with sbatch's message
 * if Slurm refuses.
 */
export async function* submitJobs(
  submitter: Submitter,
  spec: Spec,
  slots: readonly Slot[],
): AsyncGenerator<SubmissionRecord> {
  const { cluster, now } = submitter;
  const plans = planSubmissions(slots, cluster.maxArraySize, () => newSubmissionId(now()));
  const reservations = plans.length === 0 ? [] : await submitter.scheduler.reservations();
  for (const plan of plans) yield await submit(submitter, spec, plan, reservations);
}

async function submit(
  submitter: Submitter,
  spec: Spec,
  plan: Submission,
  reservations: readonly Reservation[],
): Promise<SubmissionRecord> {
  const { store, scheduler, cwd, now } = submitter;
  const slot = slotOf(plan.offset);
  const here = slotSpec(spec, slot).job.cluster === 'local';
  const record: SubmissionRecord = {
    schema_version: 1,
    ...plan,
    hash: slotHash(spec, slot) ?? spec.hash,
    generation: spec.generation,
    jobId: null,
    createdAt: new Date(now()).toISOString(),
    closed: false,
  };
  const fit = fitBefore(slotSpec(spec, slot), submitter.cluster, here ? [] : reservations, now());
  if (fit.note !== null) submitter.onNote?.(fit.note);
  // The record comes last before sbatch: a failure before it leaves nothing that a later run must ask Slurm about.
  const node = here ? null : await writePlacedScript(submitter, spec, plan, fit.time);
  if (node === null) await store.writeScript(plan.id, renderFor(submitter, spec, plan, { time: fit.time }));
  const placed = node === null ? record : { ...record, node };
  await store.writeSubmission(placed);
  const scriptPath = store.folders.script(plan.id);
  await submitter.confirmLock?.();
  const answer = await scheduler.submit({ submission: plan, scriptPath, cwd, here });
  if (answer.kind === 'refused') {
    await store.writeSubmission({ ...placed, closed: true });
    throw refusedError(answer.detail, here);
  }
  if (answer.kind === 'unsure') return placed;
  const submitted = { ...placed, jobId: answer.jobId };
  await store.writeSubmission(submitted);
  return submitted;
}

/** Writes the script of a gateway's job for the node of the one before. Null, if that is not free. */
async function writePlacedScript(
  submitter: Submitter,
  spec: Spec,
  plan: Submission,
  time: string | null,
): Promise<string | null> {
  const { store, scheduler, cwd, now, gatewayNode = null } = submitter;
  if (gatewayNode === null || slotOf(plan.offset) !== 'gateway') return null;
  await store.writeScript(plan.id, renderFor(submitter, spec, plan, { time, node: gatewayNode }));
  const start = await scheduler.startsAt(store.folders.script(plan.id), cwd);
  return start !== null && start - now() <= SOON_MS ? gatewayNode : null;
}

function refusedError(words: string, here: boolean): SandboxctlError {
  if (!here) {
    return new SandboxctlError('refused', {
      what: 'Slurm refused the jobs',
      detail: words,
      hint: refusalHint(words),
      failure: refusalRule(words)?.id,
    });
  }
  return new SandboxctlError('refused', {
    what: 'the jobs could not be started on this machine',
    detail: words,
    hint: 'the state folder must be writable; SANDBOXCTL_STATE_DIR names another one',
  });
}

export function renderFor(
  { store, template, gatewayTemplate, cluster, leftOut }: Omit<Submitter, 'scheduler' | 'cwd' | 'now'>,
  spec: Spec,
  plan: Submission,
  placement: Placement = {},
): string {
  const { folders } = store;
  const slot = slotOf(plan.offset);
  const paths = {
    registrations: folders.registrations,
    submission: folders.submission(plan.id),
    environment: folders.environment(spec.hash),
    program: PROGRAM,
    nodejs: process.execPath,
  };
  const texts = slot === 'gateway' ? (gatewayTemplate ?? template) : template;
  return renderScript(
    spec,
    plan,
    paths,
    nodesToExclude(slotSpec(spec, slot), cluster, leftOut?.() ?? []),
    texts,
    placement,
  );
}
