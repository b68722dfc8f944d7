/** An image that is unpacked on this machine. */
export interface StoredImage {
  digest: string
  rootDir: string
  config: {
    Entrypoint?: string[]
    Cmd?: string[]
    Env?: string[]
    WorkingDir?: string
    User?: string
    /** Directories that are no part of the image. */
    Volumes?: string[]
    ExposedPorts?: number[]
  }
  sizeBytes?: number
}
