/** A build that cannot succeed as the source is: one sentence with the cause, one with what to do. */
export class BuildFailure extends Error {
  override name = 'BuildFailure'
  readonly action: string

  constructor(message: string, action: string) {
    super(message)
    this.action = action
  }
}
