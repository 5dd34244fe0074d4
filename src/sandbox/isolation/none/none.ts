import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, messageOf } from '../../../errors.js';
import { RunGroups } from '../../limits/cgroup/run-groups.js';
import { currentSpawnPoint, Leftovers, MARK } from '../../process/leftovers.js';
import { PipeSource } from '../../stdio/pipe-source.js';
import { type Isolated, type Outcome, type Program, RequestFault, SandboxFailure } from '../../types.js';
import type { NonePlan } from '../plan.js';
import { Endings } from './ending.js';
import { fetchFiles } from './fetch.js';
import { runStage, type Stage } from './stage.js';

export function noIsolation(plan: NonePlan): Isolated {
  const leftovers = new Leftovers();
  const groups = plan.cgroup && new RunGroups(plan.cgroup);
  const pipes = new PipeSource();
  const endings = new Endings();
  return {
    run: async (program, signal) => {
      const began = currentSpawnPoint();
      // Synchronous: the files are small and local, and a thread for each would take longer.
      mkdirSync(program.folder, { mode: 0o700 });
      try {
        await writeFiles(program);
        writeFileSync(program.file, program.code);
        const stages = await runStages({ ...plan, groups, pipes, ending: endings.make }, program, signal);
        return { ...stages, ...(await fetchFiles(program.fetch, signal)) };
      } finally {
        leftovers.seek(program.folder, program.file, began);
      }
    },
    close: async () => {
      await leftovers.close();
      await pipes.close();
      await groups?.close();
      endings.close();
    },
  };
}

async function runStages(
  { env, outputCap, groups, pipes, ending }: NonePlan & Pick<Stage, 'groups' | 'pipes' | 'ending'>,
  { folder, compile, run, stdin, limits, env: hints }: Program,
  signal: AbortSignal,
): Promise<Omit<Outcome, 'files'>> {
  const { memory, stack, compileTimeout, runTimeout, latest } = limits;
  const began = performance.now();
  const stage = {
    folder,
    env: { ...env, ...hints, HOME: folder, TMPDIR: folder, [MARK]: folder },
    memory,
    stack,
    outputCap,
    groups,
    pipes,
    ending,
  };
  if (compile === undefined)
    return { run: await runStage({ ...stage, words: run, stdin, timeout: runTimeout, latest }, signal) };
  const compiled = await runStage(
    { ...stage, words: compile, stdin: null, timeout: compileTimeout, latest },
    signal,
  );
  if (compiled.code !== 0) return { compile: compiled };
  return {
    compile: compiled,
    run: await runStage(
      {
        ...{ ...stage, words: run, stdin, timeout: runTimeout },
        latest: latest - (performance.now() - began) / 1000,
      },
      signal,
    ),
  };
}

/** Errors of a path that can never be written; others (no space, no descriptors) are the machine's fault. */
const OF_THE_PATH = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENAMETOOLONG', 'ELOOP'],
  ...['ENXIO', 'ETXTBSY', 'EINVAL', 'ENOENT'],
]);

async function writeFiles({ files }: Program): Promise<void> {
  for (const [path, content] of files) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    } catch (error) {
      throw OF_THE_PATH.has(codeOf(error) ?? '')
        ? new RequestFault(messageOf(error))
        : new SandboxFailure(messageOf(error));
    }
  }
}
