import { readdirSync } from 'node:fs'
import { withDescendants } from '@libpod/conmon'
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
  readonly #temporary: string
  readonly #processes = new Map<number, ProcessIdentity>()
  readonly #bundles = new Set<string>()

  /** Looks from now on, until it is disposed of. `temporary`: where Buildah puts its bundles. */
  constructor(pid: number, { bootId, temporary }: { readonly bootId: string; readonly temporary: string }) {
    this.#pid = pid
    this.#bootId = bootId
    this.#temporary = temporary
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
    for (const name of readdirSync(this.#temporary)) if (/^buildah\d+$/.test(name)) this.#bundles.add(name)
  }

  /**
   * Ends what is left when Buildah itself has ended, with its bundles or without them. A step's container and control group are
   * named after its bundle. @throws LibpodError RUNTIME_FAILED
   */
  async end(runtime: OciRuntime): Promise<void> {
    this[Symbol.dispose]()
    this.#look()
    for (const process of this.#processes.values()) killProcess(process, this.#bootId)
    for (const bundle of this.#bundles) {
      await runtime.delete(`buildah-${bundle}`)
      await removeCgroupSoon(`/buildah-${bundle}`)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
