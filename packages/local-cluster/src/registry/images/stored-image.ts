/**
 * Whose the files of an unpacked image are. `shared`: those of its layers, which other images have as well, so that nothing may
 * write them: containers need a layer of their own above. `own`: the image's own. `image`: shared, with the owners, modes and links
 * that the image gives them, as the root of a container that an OCI runtime runs.
 */
export type ImageFiles = 'shared' | 'own' | 'image'

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
  /** It needs programs of this machine: those of an app that Slipway built, or of the catalogue. */
  root?: 'native' | 'program'
  /** Where on this machine it is made of something else than its own files. */
  places?: readonly string[]
}
