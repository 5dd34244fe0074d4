import type { RunCodeResponse } from '../../../../src/api/wire.js';
import type { ServedCli } from '../server.js';
import { type Behaviour, type ProgramCase, type StageBehaviour, stageBehaviour } from './case.js';

/** Runs a program on a server; what it did, and nothing that only the server knows. */
export async function runSandboxed(
  server: Pick<ServedCli, 'run'>,
  { name: _, differsIn: __, ...request }: ProgramCase,
): Promise<Behaviour> {
  const answer = await server.run(request);
  if (answer.status === 'SandboxError') throw new Error(answer.message);
  return { compile: behaviour(answer.compile_result), run: behaviour(answer.run_result) };
}

function behaviour(result: RunCodeResponse['run_result']): StageBehaviour | undefined {
  if (result === null) return undefined;
  const bytes = (stream: 'stdout' | 'stderr') => {
    const raw = (result.sandboxctl as Record<string, unknown> | undefined)?.[`${stream}_base64`];
    return typeof raw === 'string' ? Buffer.from(raw, 'base64') : Buffer.from(result[stream] ?? '');
  };
  return stageBehaviour(result.return_code, bytes('stdout'), bytes('stderr'));
}
