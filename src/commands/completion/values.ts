export interface Candidate {
  value: string;
  about: string;
}

export interface Sources {
  stateFolder: string;
  partitions(): Promise<string[]>;
}

export const SHELLS = ['bash', 'zsh', 'fish'];
const FILES: Candidate[] = [{ value: ':files', about: '' }];

/** Flags whose placeholder does not show what their value is. */
const BY_FLAG: Readonly<Record<string, (sources: Sources) => Promise<Candidate[]>>> = {
  '--fleet': fleets,
  '--partition': partitions,
  '--probe-from': partitions,
  '--format': formats,
};

const BY_VALUE: Readonly<Record<string, (sources: Sources) => Promise<Candidate[]>>> = {
  '<file>': async () => FILES,
  '<folder>': async () => FILES,
  '<path>': async () => FILES,
  '<job>': jobs,
  '<shell>': async () => SHELLS.map((value) => ({ value, about: 'shell' })),
};

export interface CompletionQuery {
  value: string;
  flag?: string;
  choices?: readonly string[] | undefined;
}

/** Empty if nothing is known about the value, or the source cannot be read. */
export async function valuesOf(
  { value, flag = '', choices }: CompletionQuery,
  sources: Sources,
): Promise<Candidate[]> {
  if (choices !== undefined) return choices.map((each) => ({ value: each, about: '' }));
  const source = BY_FLAG[flag] ?? BY_VALUE[value];
  return (await source?.(sources).catch(() => [])) ?? [];
}

async function fleets({ stateFolder }: Sources): Promise<Candidate[]> {
  const { listFleets } = await import('../../state/fleets.js');
  return (await listFleets(stateFolder)).map((value) => ({ value, about: 'fleet' }));
}

/** From the endpoints files: Slurm must not be called at every key press. */
async function jobs({ stateFolder }: Sources): Promise<Candidate[]> {
  const [{ listFleets }, { fleetFolders }, { readEndpoints }] = await Promise.all([
    import('../../state/fleets.js'),
    import('../../state/folders.js'),
    import('../../endpoints/file.js'),
  ]);
  const files = await Promise.all(
    (await listFleets(stateFolder)).map((fleet) =>
      readEndpoints(fleetFolders(stateFolder, fleet).endpoints).catch(() => undefined),
    ),
  );
  return files.flatMap((file) =>
    (file?.endpoints ?? []).flatMap(({ job_id, state, instance }) =>
      job_id === null ? [] : [{ value: job_id, about: `${file?.fleet} instance ${instance}, ${state}` }],
    ),
  );
}

async function partitions(sources: Sources): Promise<Candidate[]> {
  return (await sources.partitions()).map((value) => ({ value, about: 'partition' }));
}

async function formats(): Promise<Candidate[]> {
  const { formatNames } = await import('../../endpoints/formats/names.js');
  return (await formatNames()).map((value) => ({ value, about: 'format' }));
}
