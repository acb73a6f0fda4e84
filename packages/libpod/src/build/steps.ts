import { readdirSync } from 'node:fs'
import { withDescendants } from '@libpod/conmon'
import { removeCgroupSoon } from '../host/cgroup-directory.ts'
import { identify, killProcess } from '../host/process.ts'
import type { OciRuntime } from '../runtimes/runc-cli.ts'
import type { ProcessIdentity } from '../state/container.ts'

/** Milliseconds between two looks at what a Buildah that is to stop still runs. */
const lookEvery = 50

/** What Buildah runs: it does not end its steps when it is told to stop. */
export class RunningSteps implements Disposable {
  readonly #pid: number
  readonly #bootId: string
  readonly #timer: NodeJS.Timeout
  readonly #processes = new Map<number, ProcessIdentity>()

  /** Looks from now on, until it is disposed of. */
  constructor(pid: number, bootId: string) {
    this.#pid = pid
    this.#bootId = bootId
    this.#look()
    this.#timer = setInterval(() => this.#look(), lookEvery)
  }

  #look(): void {
    for (const pid of withDescendants(this.#pid)) {
      const process = identify(pid, this.#bootId)
      if (process && !this.#processes.has(pid)) this.#processes.set(pid, process)
    }
  }

  /**
   * Ends what is left when Buildah itself has ended. A step's container and control group are named after its bundle, a directory
   * among Buildah's temporary files. @throws LibpodError RUNTIME_FAILED
   */
  async end(runtime: OciRuntime, temporary: string): Promise<void> {
    this[Symbol.dispose]()
    for (const process of this.#processes.values()) killProcess(process, this.#bootId)
    for (const bundle of readdirSync(temporary).filter(name => /^buildah\d+$/.test(name))) {
      await runtime.delete(`buildah-${bundle}`)
      await removeCgroupSoon(`/buildah-${bundle}`)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
