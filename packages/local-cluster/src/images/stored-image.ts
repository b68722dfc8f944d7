/**
 * Whose the files of an unpacked image are. `shared`: those of its layers, which other images have as well, so that nothing may
 * write them: containers need a layer of their own above. `own`: the image's own.
 */
export type ImageFiles = 'shared' | 'own'

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
