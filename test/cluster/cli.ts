import { downCluster } from './down.js';

const [verb, ...rest] = process.argv.slice(2);
if (verb === 'down') for (const name of rest) await downCluster(name);
