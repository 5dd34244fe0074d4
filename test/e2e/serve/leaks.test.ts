import { leavesNothing } from './leaving.js';

leavesNothing(200);
