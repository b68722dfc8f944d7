/** Where a volume is on this machine. */
export interface ProvidedVolume {
  path: string
  readOnly: boolean
}

/** So that none hides another. */
export const outerFirst = (a: Mount, b: Mount) => a.target.split('/').length - b.target.split('/').length

/** A volume, or a part of it, at its place in a container. */
export interface Mount {
  name: string
  source: string
  target: string
  readOnly: boolean
  isFile: boolean
}
