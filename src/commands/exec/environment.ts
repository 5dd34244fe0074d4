import { asServer } from '../../endpoints/formats/values.js';

/**
 * The caller's environment with the addresses that every known client of SandboxFusion reads. What would
 * send them elsewhere is set over, and no proxy stands before this machine.
 */
export function clientEnvironment(env: NodeJS.ProcessEnv, port: number): NodeJS.ProcessEnv {
  const host = '127.0.0.1';
  const url = `http://${host}:${port}`;
  const apart = [env.no_proxy || env.NO_PROXY || '', host, 'localhost']
    .filter((each) => each !== '')
    .join(',');
  return {
    ...env,
    // Reasoning360: host names, whose port 8080 it asks.
    SANDBOX_FUSION_SERVERS: asServer(host, port),
    // The sandbox-fusion SDK: a base URL.
    SANDBOX_FUSION_ENDPOINT: url,
    // tinker-cookbook, and verl's own examples: the URL of a run.
    SANDBOX_URL: `${url}/run_code`,
    SANDBOX_FUSION_URL: `${url}/run_code`,
    no_proxy: apart,
    NO_PROXY: apart,
  };
}
