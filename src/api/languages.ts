/** The languages of SandboxFusion, in the order in which its errors list them. */
export const LANGUAGES = [
  ...(['python', 'cpp', 'nodejs', 'go', 'go_test', 'java', 'php', 'csharp', 'bash', 'typescript'] as const),
  ...(['sql', 'rust', 'cuda', 'lua', 'R', 'perl', 'D_ut', 'ruby', 'scala', 'julia', 'pytest'] as const),
  ...(['junit', 'kotlin_script', 'jest', 'verilog', 'python_gpu', 'lean', 'swift', 'racket'] as const),
] as const;

export type Language = (typeof LANGUAGES)[number];

/** Where SandboxFusion runs a compiler before the program, within a compile timeout of its own. */
const COMPILED: ReadonlySet<Language> = new Set([
  ...(['cpp', 'go', 'java', 'csharp', 'rust', 'cuda', 'D_ut', 'scala'] as const),
  ...(['junit', 'verilog', 'python_gpu', 'swift'] as const),
]);

export function isCompiled(language: Language): boolean {
  return COMPILED.has(language);
}
