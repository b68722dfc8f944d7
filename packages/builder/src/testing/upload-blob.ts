import type { Session } from '../registry/session.ts'
import { missingBlobs, sendBlob, type UploadContent } from '../registry/upload.ts'

/** Sends a blob unless the repository has it, as a push does. */
export async function uploadBlob(
  session: Session,
  content: UploadContent,
): Promise<{ how: 'present' | 'sent'; sentBytes: number }> {
  if ((await missingBlobs(session, [content.digest])).size === 0) return { how: 'present', sentBytes: 0 }
  await sendBlob(session, content, null)
  return { how: 'sent', sentBytes: content.blob.size }
}
