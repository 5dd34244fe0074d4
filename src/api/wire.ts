import { z } from 'zod';

/** One program's end, as SandboxFusion tells it. Unknown keys are kept: `sandboxctl` holds facts of ours. */
const commandResultSchema = z.looseObject({
  status: z.enum(['Finished', 'Error', 'TimeLimitExceeded']),
  /** Seconds. */
  execution_time: z.number().nullable(),
  return_code: z.number().int().nullable(),
  stdout: z.string().nullable(),
  stderr: z.string().nullable(),
});

export const runCodeResponseSchema = z.looseObject({
  status: z.enum(['Success', 'Failed', 'SandboxError']),
  message: z.string(),
  compile_result: commandResultSchema.nullable(),
  run_result: commandResultSchema.nullable(),
  executor_pod_name: z.string().nullable().optional(),
  files: z.record(z.string(), z.string().nullable()).optional(),
});

export type RunCodeResponse = z.infer<typeof runCodeResponseSchema>;

export interface RunCodeRequest {
  code: string;
  language: string;
  /** Seconds. */
  compile_timeout?: number;
  /** Seconds. */
  run_timeout?: number;
  memory_limit_MB?: number;
  stdin?: string | null;
  files?: Record<string, string | null>;
  fetch_files?: string[];
}
