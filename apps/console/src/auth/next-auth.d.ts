import 'next-auth'

declare module 'next-auth' {
  /** What the credentials provider answers; `sessionVersion` is compared by the platform on every request. */
  interface User {
    id: string
    sessionVersion: number
  }
}
