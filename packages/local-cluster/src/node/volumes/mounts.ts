/** Where a volume is on this machine. */
export interface ProvidedVolume {
  path: string
  readOnly: boolean
}

/** A volume, or a part of it, at its place in a container. */
export interface Mount {
  name: string
  source: string
  target: string
  readOnly: boolean
  isFile: boolean
}
