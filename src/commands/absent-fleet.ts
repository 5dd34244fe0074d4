import { SandboxctlError } from '../errors.js';
import { listFleets } from '../state/fleets.js';
import { fleetStore } from '../state/store.js';

/** Kind `absent`, or `config` if the fleet has a spec, which is damaged. */
export async function absentFleet(
  stateFolder: string,
  fleet: string,
  otherwise = "'sandboxctl status' finds fleets in Slurm if the state folder was lost",
): Promise<SandboxctlError> {
  const { specDamage, folders } = fleetStore(stateFolder, fleet);
  const damage = await specDamage();
  if (damage !== undefined) return damagedSpec(fleet, folders.spec, damage);
  const { suggestion } = await import('../config/suggest.js');
  const others = (await listFleets(stateFolder)).filter((name) => name !== fleet);
  return new SandboxctlError('absent', {
    what: `nothing is deployed under the name '${fleet}'${suggestion(fleet, others)}`,
    ...(others.length > 0 && { detail: `fleets: ${others.join(', ')}` }),
    hint: `'sandboxctl deploy --fleet ${fleet} --nodes N' creates it; ${otherwise}`,
  });
}

function damagedSpec(fleet: string, path: string, damage: string): SandboxctlError {
  return new SandboxctlError('config', {
    what: `the spec of fleet ${fleet} is damaged, and no script of a recorded job has another`,
    detail: `${path}: ${damage}`,
    hint: `'sandboxctl deploy --fleet ${fleet} --nodes N' keeps the file under another name and records the fleet again, with the jobs that Slurm has; 'sandboxctl stop --fleet ${fleet}' ends them`,
  });
}
