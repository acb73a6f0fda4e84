import { join, resolve } from 'node:path'
import { withDescendants } from '@libpod/conmon'
import { removeTree } from '@libpod/storage'
import { removeCgroupSoon } from '../host/cgroup-directory.ts'
import { identify, killProcess } from '../host/process.ts'
import { readText } from '../host/read-text.ts'
import type { OciRuntime } from '../runtimes/runc-cli.ts'
import type { ProcessIdentity } from '../state/container.ts'

/** The control group of a step's container, whose name is that of the directory with the step's bundle. */
const group = /:\/(?:.*\/)?buildah-(buildah\d+)$/m

/** Milliseconds between two looks at what a Buildah that is to stop still runs. */
const lookEvery = 50

/** What Buildah runs: it does not end its steps when it is told to stop. */
export class RunningSteps implements Disposable {
  readonly #pid: number
  readonly #bootId: string
  readonly #timer: NodeJS.Timeout
  readonly #processes = new Map<number, ProcessIdentity>()
  readonly #bundles = new Set<string>()

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
      const bundle = group.exec(readText(`/proc/${pid}/cgroup`))?.[1]
      if (bundle !== undefined) this.#bundles.add(bundle)
    }
  }

  /** Ends what is left when Buildah itself has ended. @throws LibpodError RUNTIME_FAILED */
  async end(runtime: OciRuntime): Promise<void> {
    this[Symbol.dispose]()
    for (const process of this.#processes.values()) killProcess(process, this.#bootId)
    for (const bundle of this.#bundles) {
      await runtime.delete(`buildah-${bundle}`)
      await removeCgroupSoon(`/buildah-${bundle}`)
      removeTree(join(resolve(process.env.TMPDIR || '/var/tmp'), bundle))
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
