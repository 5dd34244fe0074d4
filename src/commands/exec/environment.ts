import { asServer } from '../../endpoints/formats/values.js';

/** The caller's environment plus the variables that known SandboxFusion clients read; bypasses proxies for this host. */
export function clientEnvironment(env: NodeJS.ProcessEnv, port: number): NodeJS.ProcessEnv {
  const host = '127.0.0.1';
  const url = `http://${host}:${port}`;
  const noProxy = [env.no_proxy || env.NO_PROXY || '', host, 'localhost']
    .filter((each) => each !== '')
    .join(',');
  return {
    ...env,
    // Reasoning360: host names, to which it adds port 8080.
    SANDBOX_FUSION_SERVERS: asServer(host, port),
    // SR2AM: the same, with spaces between.
    CODE_SANDBOX_SERVERS: asServer(host, port),
    // The sandbox-fusion SDK, and DeepResearch: a base URL.
    SANDBOX_FUSION_ENDPOINT: url,
    // tinker-cookbook; verl's examples, and SkyRL-agent, which appends /run_code (api/run-target.ts).
    SANDBOX_URL: `${url}/run_code`,
    SANDBOX_FUSION_URL: `${url}/run_code`,
    no_proxy: noProxy,
    NO_PROXY: noProxy,
  };
}
