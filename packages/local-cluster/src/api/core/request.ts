/** Who writes, and how: what a request says besides the object. */
export interface WriteContext {
  fieldManager: string
  dryRun: boolean
  /** What happens to unknown fields: refused, warned of, or dropped in silence. */
  fieldValidation: 'Strict' | 'Warn' | 'Ignore'
  /** Texts for `Warning` headers. */
  warnings: string[]
}

export interface ObjectPath {
  namespace?: string
  name: string
}
