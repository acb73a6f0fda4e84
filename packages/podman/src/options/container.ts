import { readFileSync } from 'node:fs'
import type { ContainerSpec } from '@libpod/libpod'
import type { FlagValues } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { environment } from './environment.ts'
import type { Caller } from './group.ts'
import { health } from './health.ts'
import { life } from './life.ts'
import { log } from './log.ts'
import { mounts } from './mounts.ts'
import { namespaces } from './namespaces.ts'
import { network } from './network.ts'
import { platform } from './platform.ts'
import { process as processGroup } from './process.ts'
import { registry } from './registry.ts'
import { resources } from './resources.ts'
import { security } from './security.ts'

/** Every option that `create` and `run` share. */
export const containerFlags = {
  ...environment.flags,
  ...health.flags,
  ...life.flags,
  ...log.flags,
  ...mounts.flags,
  ...namespaces.flags,
  ...network.flags,
  ...platform.flags,
  ...processGroup.flags,
  ...registry.flags,
  ...resources.flags,
  ...security.flags,
}

export type ContainerValues = FlagValues<typeof containerFlags>

/** The caller of this process. */
export function thisCaller(): Caller {
  return { env: process.env, directory: process.cwd(), readText: path => readFileSync(path, 'utf8') }
}

/** One pass from the command line to the engine's spec; `args` is IMAGE (or the root file system) and the command. */
export function containerSpec(values: ContainerValues, args: readonly string[], caller: Caller): ContainerSpec {
  const [source = '', ...command] = args
  const parts = {
    process: {
      ...processGroup.toSpec(values, caller),
      ...environment.toSpec(values, caller),
      ...some('command', command),
    },
    network: network.toSpec(values, caller),
    mounts: mounts.toSpec(values, caller),
    resources: resources.toSpec(values, caller),
    security: { ...security.toSpec(values, caller), ...namespaces.toSpec(values, userChooser(values, caller)) },
    health: health.toSpec(values, caller),
  }
  return {
    ...(values.rootfs ? { rootfs: parseRootfs(source, caller.directory) } : { image: source }),
    ...platform.toSpec(values, caller),
    ...life.toSpec(values, caller),
    ...log.toSpec(values, caller),
    ...Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0)),
  }
}

/** What the environment says of users is for containers outside of pods: in one they have the pod's. */
function userChooser(values: ContainerValues, caller: Caller): Caller {
  if (values.pod === undefined && values['pod-id-file'] === undefined) return caller
  const { PODMAN_USERNS: _, ...env } = caller.env
  return { ...caller, env }
}

const some = (name: string, items: readonly string[]) => (items.length > 0 ? { [name]: items } : {})

/** `PATH[:O]` of `--rootfs`. */
function parseRootfs(text: string, directory: string): NonNullable<ContainerSpec['rootfs']> {
  const [path = '', option, ...more] = text.split(':')
  if (more.length > 0 || (option !== undefined && option !== 'O'))
    throw new UsageError(`invalid rootfs ${JSON.stringify(text)}: use PATH[:O]`)
  return { path: path.startsWith('/') ? path : `${directory}/${path}`, overlay: option === 'O' ? 'temporary' : 'none' }
}
