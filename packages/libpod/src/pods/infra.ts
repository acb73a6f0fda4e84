import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LibpodError } from '../errors.ts'
import { findCatatonit } from '../host/catatonit.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { SecuritySpec } from '../spec/security.ts'
import { pauseProgram } from './pause-program.ts'
import type { PodRooms } from './rooms.ts'
import type { PodRecord } from './table.ts'

/** What the container that holds a pod's namespaces is made of. */
export function infraSpec(rooms: Pick<PodRooms, 'options' | 'config'>, pod: PodRecord): ContainerSpec {
  const { spec, shares, hostname } = pod.config
  const own = { kind: 'private' } as const
  const namespaces: SecuritySpec['namespaces'] = {
    ...spec.security?.namespaces,
    ...(shares.includes('ipc') && { ipc: spec.security?.namespaces?.ipc ?? { kind: 'shareable' as const } }),
    ...(shares.includes('pid') && { pid: spec.security?.namespaces?.pid ?? own }),
    ...(shares.includes('uts') && { uts: spec.security?.namespaces?.uts ?? own }),
  }
  return {
    ...programOf(rooms, spec),
    name: spec.infraName ?? `${pod.id.slice(0, 12)}-infra`,
    pod: pod.id,
    infra: 'yes',
    pullPolicy: 'missing',
    network: { ...(!shares.includes('net') && { mode: { kind: 'none' as const } }), ...spec.network },
    security: { ...spec.security, namespaces },
    ...(spec.mounts && { mounts: spec.mounts }),
    ...(spec.infraConmonPidFile !== undefined && { conmonPidFile: spec.infraConmonPidFile }),
    log: { driver: 'none' },
    ...(spec.infraSdnotify && { sdnotify: spec.infraSdnotify }),
    ...(spec.createCommand && { createCommand: spec.createCommand }),
    process: {
      ...programOf(rooms, spec).process,
      // Another's namespace has its name.
      ...(spec.hostname === undefined && (namespaces.uts?.kind ?? 'private') !== 'private' ? {} : { hostname }),
      stopTimeout: 0,
    },
  }
}

/** An image when one is asked for, else a root of nothing but the program that waits. */
function programOf(
  rooms: Pick<PodRooms, 'options' | 'config'>,
  spec: PodRecord['config']['spec'],
): Pick<ContainerSpec, 'image' | 'rootfs' | 'process'> {
  const image = spec.infraImage ?? rooms.config.engine.infraImage
  if (image) return { image, process: spec.infraCommand?.length ? { entrypoint: spec.infraCommand } : {} }
  const { path, command } = infraRoot(rooms)
  return {
    // What is mounted in one needs places of its own.
    rootfs: { path, overlay: spec.mounts?.mounts || spec.mounts?.volumesFrom ? 'temporary' : 'none' },
    process: { entrypoint: spec.infraCommand?.length ? spec.infraCommand : command },
  }
}

/**
 * The root file system that all infra containers of this engine share: catatonit when the host has it, else our own program that
 * waits. Made once. @throws LibpodError UNSUPPORTED
 */
export function infraRoot({ options, config }: Pick<PodRooms, 'options' | 'config'>): {
  readonly path: string
  readonly command: readonly string[]
  /** Our own ignores all signals but SIGKILL. */
  readonly program: 'catatonit' | 'own'
} {
  const path = join(options.tmpDir, 'infra-container')
  furnish(path)
  const catatonit = findCatatonit(config.engine.helperBinariesDir)
  if (catatonit !== undefined) {
    place(join(path, 'catatonit'), target => copyFileSync(catatonit, target))
    return { path, command: ['/catatonit', '-P'], program: 'catatonit' }
  }
  const program = pauseProgram(process.arch)
  if (!program)
    throw new LibpodError('UNSUPPORTED', `a pod on ${process.arch} needs catatonit`, {
      hint: 'install catatonit, or name an --infra-image',
    })
  place(join(path, 'pause'), target => writeFileSync(target, program))
  return { path, command: ['/pause'], program: 'own' }
}

const directories = ['dev', 'etc', 'proc', 'run', 'sys']
const files = ['etc/hostname', 'etc/hosts', 'etc/resolv.conf', 'run/.containerenv']

/** All that the runtime mounts on: in a user namespace it could not make it. */
function furnish(path: string): void {
  for (const name of directories) mkdirSync(join(path, name), { recursive: true, mode: 0o755 })
  for (const name of files) place(join(path, name), target => writeFileSync(target, ''))
}

/** Whole or not at all, however many make it at once. */
function place(path: string, write: (target: string) => void): void {
  if (existsSync(path)) return
  const temporary = `${path}.${process.pid}.tmp`
  try {
    write(temporary)
    chmodSync(temporary, 0o755)
    renameSync(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}
