import { LibpodError } from '../errors.ts'

/** A build that Buildah gave up. `message` is what it said last; `exitCode` is its own, or that of the step that failed. */
export class BuildError extends LibpodError {
  readonly exitCode: number
  constructor(message: string, exitCode: number) {
    super('BUILD_FAILED', message)
    this.name = 'BuildError'
    this.exitCode = exitCode
  }
}
