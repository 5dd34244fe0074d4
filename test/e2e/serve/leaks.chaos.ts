import { leavesNothing } from './leaving.js';

leavesNothing(5000);
