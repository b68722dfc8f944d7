/** As whom a container's program runs. */
export interface Identity {
  uid: number
  gid: number
  groups: number[]
}
