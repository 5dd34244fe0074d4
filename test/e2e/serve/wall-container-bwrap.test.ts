/** @module-tag security */
import { asUser } from './as-root.js';
import { wall } from './wall/wall.js';

// Root of a container that maps no other user: enroot, apptainer without subuids.
wall({ as: [...asUser(61_234), 'unshare', '--user', '--map-root-user'], by: 'bwrap' });
