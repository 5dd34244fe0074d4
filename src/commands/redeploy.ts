export function redeploy(fleet: string, nodes: number): string {
  return `'sandboxctl deploy --fleet ${fleet} --nodes ${nodes}', with the other flags that it was deployed with, replaces servers whose job has ended`;
}
