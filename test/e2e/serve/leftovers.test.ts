import { leavesNothing, SERVERS } from './leftovers.js';

// Eight of each kind; the other rows have more of them, and in each mode.
leavesNothing(48, SERVERS.slice(0, 1));
leavesNothing(200, SERVERS, ['matrix']);
