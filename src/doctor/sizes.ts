/** KiB as `12 GiB`, `340 MiB` or `0 KiB`. */
export function formatKib(kib: number): string {
  if (kib >= 10 * 2 ** 20) return `${Math.floor(kib / 2 ** 20)} GiB`;
  if (kib >= 2 ** 20) return `${(kib / 2 ** 20).toFixed(1)} GiB`;
  return kib >= 2 ** 10 ? `${Math.floor(kib / 2 ** 10)} MiB` : `${kib} KiB`;
}
