/** The languages of SandboxFusion, in the order in which its errors list them. */
export const LANGUAGES = [
  ...(['python', 'cpp', 'nodejs', 'go', 'go_test', 'java', 'php', 'csharp', 'bash', 'typescript'] as const),
  ...(['sql', 'rust', 'cuda', 'lua', 'R', 'perl', 'D_ut', 'ruby', 'scala', 'julia', 'pytest'] as const),
  ...(['junit', 'kotlin_script', 'jest', 'verilog', 'python_gpu', 'lean', 'swift', 'racket'] as const),
] as const;

export type Language = (typeof LANGUAGES)[number];
