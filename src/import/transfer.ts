import { bug } from '../errors.js';
import { type ImportFacts, newFacts, phaseOf, takeFact } from '../failures/import/facts.js';
import { explainFailure } from '../failures/import/index.js';
import type { FailureNames } from '../failures/import/row.js';
import type { Run } from '../process/run.js';
import { kernelArchitecture } from '../registry/architecture.js';
import type { Scheduler } from '../scheduler/port.js';
import { importJob, type JobConfig } from './job.js';
import type { Progress } from './progress.js';
import { importScript, type ScriptInput } from './script.js';
import type { SpaceNeeds } from './space.js';
import { type Work, writeWorkFile } from './work.js';

/** Lines of stderr that are kept for the error: a full disk makes tar print thousands. */
const KEPT_LINES = 200;
/** Milliseconds for enroot to clear up after SIGINT (1.5 s were measured while it writes the squashfs). */
const GRACE_MS = 5_000;

export interface TransferOptions {
  run: Run;
  scheduler: () => Promise<Scheduler>;
  where: 'here' | 'job';
  env: NodeJS.ProcessEnv;
  config: JobConfig;
  uri: string;
  architecture: string;
  needs: SpaceNeeds;
  names: FailureNames;
  progress: Progress;
  onSetting: (setting: string) => void;
  signal: AbortSignal;
}

export async function transfer(work: Work, options: TransferOptions): Promise<ImportFacts> {
  const { where, config, signal } = options;
  const script = await writeWorkFile(work, 'import.sh', await importScript());
  const facts = newFacts();
  const lines: string[] = [];
  const env = { ...options.env, ...scriptInput(work, options) };
  const onLine = (line: string) => takeLine(line, facts, lines, options);
  const argv = ['sh', script];
  const result =
    where === 'here'
      ? await options.run(argv, {
          ...{ env, cwd: work.folder, graceMs: GRACE_MS, keepBytes: 4096, onLine, signal },
        })
      : await (await options.scheduler()).runNamedJob(importJob(config, work, env), argv, { signal, onLine });
  signal.throwIfAborted();
  if (result.code !== 0) throw explainFailure({ ...result, lines, facts }, options.names);
  if (facts.node === null) throw bug('the import script ended well without a word');
  return facts;
}

function takeLine(
  line: string,
  facts: ImportFacts,
  lines: string[],
  { progress, onSetting }: TransferOptions,
): void {
  const phase = phaseOf(line);
  if (phase !== undefined) progress.phase(phase);
  if (line.startsWith('[WARN]')) progress.note(line);
  const known = facts.settings.length;
  if (!takeFact(facts, line)) lines.push(line);
  for (const setting of facts.settings.slice(known)) onSetting(setting);
  if (lines.length > KEPT_LINES) lines.shift();
}

function scriptInput(
  work: Work,
  { uri, architecture, needs }: TransferOptions,
): ScriptInput & NodeJS.ProcessEnv {
  return {
    SANDBOXCTL_JOB_IMPORT: work.id,
    SANDBOXCTL_JOB_URI: uri,
    SANDBOXCTL_JOB_ARCH: kernelArchitecture(architecture),
    SANDBOXCTL_JOB_OUT: work.image,
    SANDBOXCTL_JOB_LOCK: work.lock,
    SANDBOXCTL_JOB_LAYERS: needs.layers,
    SANDBOXCTL_JOB_CACHE_KIB: String(needs.cacheKib),
    SANDBOXCTL_JOB_TEMP_KIB: String(needs.tempKib),
    SANDBOXCTL_JOB_TARGET_KIB: String(needs.targetKib),
  };
}
