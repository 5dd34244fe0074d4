/**
 * Calls that a zygote hears of before they happen. Without them a network namespace stays as it was when it was made,
 * and can be another run's afterwards.
 */
export const SOCKET_CALLS = ['socket', 'socketpair'];

const MAKES_SOCKETS = /socket|asyncio|multiprocessing|http|urllib/;
const HANDLES_SIGNALS = /signal|sigaction|alarm|itimer|\bSIG[A-Z]/;

/**
 * Whether a signal may come while a call waits to be heard of. It then fails with EINTR, unless its handler was set
 * with SA_RESTART; socket(2) itself never does.
 */
export function mayBeInterrupted(code: string): boolean {
  return MAKES_SOCKETS.test(code) && HANDLES_SIGNALS.test(code);
}
