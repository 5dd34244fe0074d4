/** `here` for a keeper that was detached; else the id of a keeper's job, set by its script. Their request is in keep.json. */
export const STORED_REQUEST = 'SANDBOXCTL_JOB_KEEPER';
