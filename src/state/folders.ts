import { join } from 'node:path';

export function fleetFolders(stateFolder: string, fleet: string) {
  const folder = join(stateFolder, 'fleets', fleet);
  return {
    folder,
    spec: join(folder, 'spec.json'),
    endpoints: join(folder, 'endpoints.json'),
    events: join(folder, 'events.ndjson'),
    lock: join(folder, 'lock'),
    faults: join(folder, 'faults.json'),
    submissions: join(folder, 'submissions'),
    registrations: join(folder, 'registrations'),
    keeperScripts: join(folder, 'keepers'),
    keeperScript: (id: string) => join(folder, 'keepers', `${id}.sbatch`),
    gateways: join(folder, 'gateways'),
    /** `export` lines with the caller's secrets for jobs of the spec with this hash. */
    environment: (hash: string) => join(folder, `environment-${hash}.sh`),
    /** The user's own template, by its digest: a keeper submits jobs long after its file may have changed. */
    template: (digest: string) => join(folder, `template-${digest}.hbs`),
    submission: (id: string) => join(folder, 'submissions', id),
    submissionRecord: (id: string) => join(folder, 'submissions', id, 'intent.json'),
    script: (id: string) => join(folder, 'submissions', id, 'script.sbatch'),
  };
}
