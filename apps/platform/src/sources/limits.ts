/** What is fetched, and what is built, may unpack to at most this. */
export const SOURCE_LIMIT_BYTES = 1024 * 1024 * 1024
