/** Calls of one API request at most; the platform refuses more, and clients split longer batches. */
export const MAX_BATCH_CALLS = 30
