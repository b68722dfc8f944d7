import 'next-auth'

declare module 'next-auth' {
  /** What the credentials provider answers; `sessionId` is looked up by the platform on every request. */
  interface User {
    id: string
    sessionId: string
  }
}
