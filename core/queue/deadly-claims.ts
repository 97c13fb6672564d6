/** Claims in a row whose process died before the job is taken to be what kills them. */
export const deadlyClaims = 3;
