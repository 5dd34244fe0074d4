export interface Candidate {
  value: string;
  about: string;
}

export interface Sources {
  stateFolder: string;
  /** Of the cluster that the line is about. */
  partitions(): Promise<string[]>;
}

/** Those that a script of ours, in templates/completion/, makes complete. */
export const SHELLS = ['bash', 'zsh', 'fish'];
const FILES: Candidate[] = [{ value: ':files', about: '' }];

/** Flags whose value is not told by what stands in for it in the help. */
const BY_FLAG: Readonly<Record<string, (sources: Sources) => Promise<Candidate[]>>> = {
  '--fleet': fleets,
  '--partition': partitions,
  '--probe-from': partitions,
  '--format': formats,
};

/** What a value may be, by what stands in for it in the help: `<file>`, `<job>`. */
const BY_VALUE: Readonly<Record<string, (sources: Sources) => Promise<Candidate[]>>> = {
  '<file>': async () => FILES,
  '<folder>': async () => FILES,
  '<path>': async () => FILES,
  '<job>': jobs,
  '<shell>': async () => SHELLS.map((value) => ({ value, about: 'shell' })),
};

/** A value that is asked for. */
export interface Asked {
  /** What stands in for it in the help: `<file>`, `<job>`. */
  value: string;
  /** The flag whose value it is; undefined for an argument. */
  flag?: string;
  choices?: readonly string[] | undefined;
}

/** Nothing for what nobody can guess; nothing either where what would tell cannot be read. */
export async function valuesOf({ value, flag = '', choices }: Asked, sources: Sources): Promise<Candidate[]> {
  if (choices !== undefined) return choices.map((each) => ({ value: each, about: '' }));
  const source = BY_FLAG[flag] ?? BY_VALUE[value];
  return (await source?.(sources).catch(() => [])) ?? [];
}

async function fleets({ stateFolder }: Sources): Promise<Candidate[]> {
  const { listFleets } = await import('../../state/store.js');
  return (await listFleets(stateFolder)).map((value) => ({ value, about: 'fleet' }));
}

/** Jobs of every fleet, as the endpoints files know them: Slurm is not asked at every press of a key. */
async function jobs({ stateFolder }: Sources): Promise<Candidate[]> {
  const [{ listFleets, fleetStore }, { readEndpoints }] = await Promise.all([
    import('../../state/store.js'),
    import('../../endpoints/file.js'),
  ]);
  const files = await Promise.all(
    (await listFleets(stateFolder)).map((fleet) =>
      readEndpoints(fleetStore(stateFolder, fleet).folders.endpoints).catch(() => undefined),
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
