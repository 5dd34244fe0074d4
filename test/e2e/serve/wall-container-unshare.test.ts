/** @module-tag security */
import { asUser, newUser } from './as-root.js';
import { wall } from './wall/wall.js';

// Root of a container that maps no other user: enroot, apptainer without subuids.
wall({ as: [...asUser(newUser()), 'unshare', '--user', '--map-root-user'], by: 'unshare' });
