import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Seccomp, Spec } from '@libpod/runtime-tools'
import type { ResolvedOptions } from '../engine.ts'
import { runtimeDirectory } from './runc-cli.ts'

/** crun(1): a filter as the kernel takes it, instead of one that crun makes of the seccomp section. */
const annotation = 'run.oci.seccomp_bpf_data'

export interface FilterUse {
  /** The runtime's path. */
  readonly runtime: string
  readonly options: Pick<ResolvedOptions, 'tmpDir' | 'runtimeFlags' | 'rootless'>
}

interface Filtered {
  readonly spec: Spec
  /** To be called when the runtime has created the container: what it made of the section is kept for the next. */
  keep(id: string): void
}

/**
 * Compiling a seccomp section is more than half of what crun's `create` takes. It leaves the outcome in its state directory, and
 * a container with the very same section gets it from there, as long as the machine runs and the runtime stays the same.
 */
export function withKeptFilter(spec: Spec, use: FilterUse): Filtered {
  const section = spec.linux?.seccomp
  if (!section || !isPlain(spec, section) || !basename(use.runtime).startsWith('crun')) return { spec, keep: () => {} }
  const directory = `${use.options.tmpDir}/seccomp`
  const header = `${identity(use.runtime)}\n${JSON.stringify(section)}\n`
  const file = `${directory}/${header.length}` // the few sections of a host differ in length; others take turns
  const kept = content(file)
  if (kept?.startsWith(header)) {
    const annotations = { ...spec.annotations, [annotation]: kept.slice(header.length) }
    return { spec: { ...spec, annotations }, keep: () => {} }
  }
  const keep = (id: string): void => {
    const made = content(`${stateDirectory(use.options)}/${id}/seccomp.bpf`, 'base64')
    if (!made) return
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      writeFileSync(`${file}.${id}`, header + made, { mode: 0o600 })
      renameSync(`${file}.${id}`, file)
    } catch {
      // The next one compiles it again.
    }
  }
  return { spec, keep }
}

/** Without what crun does beside the filter, or its user has asked of it. */
const isPlain = ({ annotations = {} }: Spec, { flags = [], listenerPath }: Seccomp): boolean =>
  flags.length === 0 && !listenerPath && !Object.keys(annotations).some(name => name.startsWith('run.oci.seccomp'))

function identity(runtime: string): string {
  const { mtimeMs, size } = statSync(runtime)
  return `${runtime} ${mtimeMs} ${size}`
}

/** crun(1), `--root`. */
function stateDirectory({ runtimeFlags, rootless }: FilterUse['options']): string {
  const flag = runtimeFlags.findLast(one => one.startsWith('--root='))
  if (flag) return flag.slice('--root='.length)
  return `${runtimeDirectory(rootless) || '/run'}/crun`
}

function content(file: string, encoding: 'latin1' | 'base64' = 'latin1'): string | undefined {
  try {
    return readFileSync(file, encoding)
  } catch {
    return undefined
  }
}
