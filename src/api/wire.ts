import { z } from '../vendor/zod.js';

/** Bytes of the longest answer that our server gives, and that clients and gateways take. */
export const MAX_ANSWER = 640 * 2 ** 20;

const commandResultSchema = z.looseObject({
  status: z.enum(['Finished', 'Error', 'TimeLimitExceeded']),
  /** Seconds. */
  execution_time: z.number().nullable(),
  return_code: z.number().int().nullable(),
  stdout: z.string().nullable(),
  stderr: z.string().nullable(),
});

const extrasSchema = z.looseObject({
  killed: z.string().optional(),
  cpu_seconds: z.number().optional(),
  cpu_wait_seconds: z.number().optional(),
  stdout_dropped: z.number().optional(),
  stderr_dropped: z.number().optional(),
  stdout_base64: z.string().optional(),
  stderr_base64: z.string().optional(),
});

export function extrasOf(result: z.infer<typeof commandResultSchema> | null): z.infer<typeof extrasSchema> {
  return extrasSchema.safeParse(result?.sandboxctl).data ?? {};
}

export const runCodeResponseSchema = z.looseObject({
  status: z.enum(['Success', 'Failed', 'SandboxError']),
  message: z.string(),
  compile_result: commandResultSchema.nullable(),
  run_result: commandResultSchema.nullable(),
  executor_pod_name: z.string().nullable().optional(),
  files: z.record(z.string(), z.string().nullable()).optional(),
});

export function faultOf({ sandboxctl }: RunCodeResponse): z.infer<typeof faultSchema> | undefined {
  return sandboxctl === undefined ? undefined : faultSchema.safeParse(sandboxctl).data;
}

const faultSchema = z.looseObject({ fault: z.string(), reason: z.string().optional() });

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

export const capacitySchema = z.looseObject({
  slots: z.number().int(),
  running: z.number().int(),

  queued: z.number().int(),
  load: z.number().optional(),
  isolation: z
    .looseObject({
      mode: z.enum(['lite', 'none']),
      by: z.enum(['bwrap', 'unshare']).nullable(),
      missing: z.array(z.string()),
    })
    .optional(),
  /** Whether programs run in forks of an interpreter that has started, and why not. */
  warm: z.looseObject({ python: z.boolean(), reason: z.string().nullable() }).optional(),
});

export type Capacity = z.infer<typeof capacitySchema>;
