import type { ClusterRecord } from './record.js';

export async function startAccounting(_record: ClusterRecord): Promise<void> {
  throw new Error('not yet');
}
