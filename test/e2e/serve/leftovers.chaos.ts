import { leavesNothing, SERVERS } from './leftovers.js';

leavesNothing(5000, SERVERS);
