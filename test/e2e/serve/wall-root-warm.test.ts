import { wall } from './wall/wall.js';

wall({ as: [], by: 'bwrap', warm: true });
