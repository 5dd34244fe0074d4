import { createHash } from 'node:crypto';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { journalHead, parseJournal, segmentLine } from '../../bench/journal.js';
import type { DatasetFacts } from '../../bench/report/report.js';
import { counted } from '../../bench/report/units.js';
import { type Segment, withoutRepeats } from '../../bench/results.js';
import { messageOf } from '../../errors.js';
import { privateFolder, readIfThere, writeAtomic } from '../../files/atomic.js';
import { version } from '../../files/version.js';
import type { Context } from '../context.js';
import type { Options } from './options.js';

export interface OpenJournal {
  startedAt: string;
  /** What the bench before has done, if this one continues it. */
  done: Segment[];
  add(segment: Segment): Promise<void>;
  /** Nothing is left to continue. */
  finish(): Promise<void>;
}

/** Keeps in the state folder what a bench has done, so that the same command with --resume continues it. */
export async function openJournal(
  context: Context,
  options: Options,
  { dataset, resume }: { dataset: DatasetFacts; resume: boolean },
): Promise<OpenJournal> {
  const { io, clock, stateFolder } = context;
  const bench = benchId(options, dataset);
  const folder = join(stateFolder, 'bench');
  const file = join(folder, `${bench}.ndjson`);
  const before = parseJournal((await readIfThere(file).catch(() => undefined)) ?? '', bench);
  const segments = withoutRepeats(before?.segments ?? []);
  const ran = segments.reduce((sum, { results }) => sum + results.length, 0);
  if (resume)
    io.stderr.line(
      ran > 0 ? `continuing after ${counted(ran, 'run')}` : 'nothing to continue: starting anew',
    );
  else if (ran > 0)
    io.stderr.line(
      `an earlier bench like this was interrupted after ${counted(ran, 'run')}: --resume continues it`,
    );
  const continued = resume && before !== undefined && ran > 0 ? before : undefined;
  const startedAt = continued?.startedAt ?? new Date(clock.now()).toISOString();
  let begun = continued !== undefined;
  let broken = false;
  const unwritten = (error: unknown) => {
    broken = true;
    io.stderr.line(`warning: --resume will not work, ${folder} cannot be written: ${messageOf(error)}`);
  };
  return {
    startedAt,
    done: continued === undefined ? [] : segments,
    async add(segment) {
      if (broken) return;
      try {
        if (!begun) {
          await privateFolder(stateFolder);
          await privateFolder(folder);
          await writeAtomic(file, journalHead(bench, startedAt));
          begun = true;
        }
        await appendFile(file, segmentLine(segment));
      } catch (error) {
        unwritten(error);
      }
    },
    finish: () => rm(file, { force: true }).catch(unwritten),
  };
}

/** The same for the same problems by the same methods; another version of sandboxctl may behave differently. */
function benchId({ methods, pools, concurrency }: Options, { sha256 }: DatasetFacts): string {
  const what = JSON.stringify([version(), sha256, methods, pools, concurrency]);
  return createHash('sha256').update(what).digest('hex').slice(0, 32);
}
