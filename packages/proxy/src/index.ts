/**
 * Forwards HTTP requests and upgraded connections to upstreams, streaming both ways. A Picker chooses the upstream of a request
 * and is asked again when that refuses the connection, so nothing is lost while an upstream restarts.
 */
export { createForwarder } from './forward.ts'
export type { Picker, UnavailablePage, Upstream } from './forwarder.ts'
export { htmlPage, startingPage } from './pages.ts'
export { hostOf, retrying } from './retrying.ts'
