import { SandboxctlError } from '../errors.js';
import { listFleets } from '../state/fleets.js';

export async function absentFleet(
  stateFolder: string,
  fleet: string,
  otherwise = "'sandboxctl status' finds fleets in Slurm if the state folder was lost",
): Promise<SandboxctlError> {
  const { suggestion } = await import('../config/suggest.js');
  const others = (await listFleets(stateFolder)).filter((name) => name !== fleet);
  return new SandboxctlError('absent', {
    what: `nothing is deployed under the name '${fleet}'${suggestion(fleet, others)}`,
    ...(others.length > 0 && { detail: `fleets: ${others.join(', ')}` }),
    hint: `'sandboxctl deploy --fleet ${fleet} --nodes N' creates it; ${otherwise}`,
  });
}
