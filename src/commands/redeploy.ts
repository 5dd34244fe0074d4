/** The command that replaces a fleet's servers whose jobs have ended, as a part of a hint. */
export function redeploy(fleet: string, nodes: number): string {
  return `'sandboxctl deploy --fleet ${fleet} --nodes ${nodes}', with the other flags that it was deployed with, replaces servers whose job has ended`;
}
