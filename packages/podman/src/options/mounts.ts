import type { ContainerSpec, Engine, MountSpec, RequestedMount } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, choice, type FlagValues, list, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { type Caller, optionGroup } from './group.ts'
import { parseMount } from './mount-option.ts'
import { someOf } from './process.ts'
import { parseSize } from './size.ts'
import { checkDestination, parseVolume } from './volumes.ts'

const flags = {
  chrootdirs: strings('Chroot directories inside the container'),
  'image-volume': string('Tells podman how to handle the builtin image volumes ("bind"|"tmpfs"|"ignore")', {
    shown: '"anonymous"',
  }),
  mount: list('Attach a filesystem mount to the container'),
  'read-only': choice('Make containers root filesystem read-only'),
  'read-only-tmpfs': bool(
    'When running containers in read-only mode mount a read-write tmpfs on /run, /tmp and /var/tmp',
    { default: true },
  ),
  'shm-size': string('Size of /dev/shm `<number>[<unit>]`', { shown: '"65536k"' }),
  'shm-size-systemd': string(
    'Size of systemd specific tmpfs mounts (/run, /run/lock, /var/log/journal, /tmp) `<number>[<unit>]`',
  ),
  'storage-opt': list('Storage driver options per container', { hidden: 'yes' }),
  tmpfs: list('Mount a temporary filesystem (tmpfs) into a container'),
  volume: list('Bind mount a volume into the container', { short: 'v' }),
  'volumes-from': list('Mount volumes from the specified container(s)'),
}

/** What of the outside appears in the container's file system. */
export const mounts = optionGroup({
  flags,
  toSpec(values, caller): MountSpec {
    return defined({
      rootfs:
        values['read-only'] === undefined
          ? undefined
          : { readonly: values['read-only'] ? ('yes' as const) : ('no' as const) },
      mounts: someOf(requested(values, caller)),
      volumesFrom: someOf(
        values['volumes-from'].flatMap(text =>
          text.split(',').length > 1 && !text.includes(':') ? text.split(',') : [text],
        ),
      ),
      imageVolumes: values['image-volume'] === undefined ? undefined : imageVolumes(values['image-volume']),
      readOnlyTmpfs: values['read-only-tmpfs'] ? undefined : ('no' as const),
      shmSize: values['shm-size'] === undefined ? undefined : parseSize(values['shm-size']),
      shmSizeSystemd: values['shm-size-systemd'] === undefined ? undefined : parseSize(values['shm-size-systemd']),
      chrootDirs: someOf(values.chrootdirs),
      storageOptions:
        values['storage-opt'].length > 0 ? Object.fromEntries(values['storage-opt'].map(pairOf)) : undefined,
    })
  },
})

function requested(values: FlagValues<typeof flags>, caller: Caller): RequestedMount[] {
  const all = [
    ...values.mount.map(text => parseMount(text, caller.directory)),
    ...values.volume.map(text => parseVolume(text, caller.directory)),
    ...values.tmpfs.map(parseTmpfs),
  ]
  return withoutRepetitions(all)
}

function pairOf(text: string): readonly [string, string] {
  const [key = '', value] = text.split(/=(.*)/s, 2)
  if (value === undefined) throw new UsageError('storage-opt must be formatted KEY=VALUE')
  return [key, value]
}

/** What containers.conf mounts into every container, except where the container has something of its own. */
export function withDefaultMounts(
  spec: ContainerSpec,
  { defaultMounts, defaultVolumes }: Pick<Engine['options'], 'defaultMounts' | 'defaultVolumes'>,
): ContainerSpec {
  if (defaultMounts.length === 0 && defaultVolumes.length === 0) return spec
  const own = spec.mounts?.mounts ?? []
  const taken = new Set(own.map(({ destination }) => destination))
  const usual = [...defaultMounts.map(configuredMount), ...defaultVolumes.map(text => parseVolume(text, '/'))].filter(
    ({ destination }) => !taken.has(destination),
  )
  return { ...spec, mounts: { ...spec.mounts, mounts: [...own, ...usual] } }
}

function configuredMount(text: string): RequestedMount {
  try {
    return parseMount(text, '/')
  } catch (error) {
    throw new UsageError(`parsing containers.conf mounts: ${error instanceof Error ? error.message : text}`)
  }
}

/** The same mount twice is one; two at one place are refused. */
function withoutRepetitions(all: readonly RequestedMount[]): RequestedMount[] {
  const seen = new Map<string, string>()
  return all.filter(mount => {
    const text = JSON.stringify(mount)
    const before = mount.kind === 'glob' ? undefined : seen.get(mount.destination)
    if (before !== undefined && before !== text)
      throw new UsageError(`${mount.destination}: duplicate mount destination`)
    seen.set(mount.destination, text)
    return before === undefined
  })
}

/** `/path[:option,…]` of `--tmpfs`. */
function parseTmpfs(text: string): RequestedMount {
  const [path = '', options = '', ...more] = text.split(':')
  if (more.length > 0) throw new UsageError(`invalid tmpfs option ${JSON.stringify(text)}: use PATH[:OPTIONS]`)
  return { kind: 'tmpfs', destination: checkDestination(path), options: options === '' ? [] : options.split(',') }
}

function imageVolumes(text: string): NonNullable<MountSpec['imageVolumes']> {
  if (text === 'bind' || text === 'anonymous') return 'anonymous'
  if (text === 'tmpfs' || text === 'ignore') return text
  throw new UsageError(`invalid image-volume type ${JSON.stringify(text)}. Pick one of bind, tmpfs, or ignore`)
}
