import { leavesNothing, SERVERS } from './leaving.js';

leavesNothing(5000, SERVERS);
