import { acquireServer } from './lease.ts'

/** Starts Postgres before the first test file, whose limits are not for that, and keeps it between files. */
export default async function setup(): Promise<void> {
  await acquireServer()
}
