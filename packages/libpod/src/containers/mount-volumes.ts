import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Mount } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import { bindMount, escapeLayer, plainMount, tmpfsMount, volumeMount } from '../plan/mounts.ts'
import type { Rooms } from '../rooms.ts'
import type { RequestedMount } from '../spec/mount.ts'
import type { ContainerRecord } from '../state/container.ts'
import { resolveUser } from './facts.ts'
import { expandGlob } from './globs.ts'
import { kindInRoot, linkInRoot, makeDirectoryInRoot, openRoot } from './in-root.ts'
import { ownerOnHost } from './mapped-root.ts'
import { containerPaths } from './paths.ts'
import { pinSubPath, releaseSubPaths } from './subpath.ts'

export interface MountedVolumes {
  readonly mounts: readonly Mount[]
}

type VolumeRooms = Pick<Rooms, 'options' | 'volumes' | 'images' | 'artifacts' | 'state' | 'events' | 'containers'>

/** Makes everything ready that is to be mounted into the container, named volumes counted, and describes the mounts. */
export async function mountVolumes(rooms: VolumeRooms, record: ContainerRecord, root: string): Promise<MountedVolumes> {
  const { volumes, spec } = record.config
  const { overlays, run } = containerPaths(rooms.options, record.id)
  const named: Mount[] = []
  const owner = volumes.length > 0 ? ownerOnHost(record, resolveUser(record, root)) : undefined
  for (const volume of volumes) {
    const source = await rooms.volumes.mountFor(volume.name, {
      root,
      destination: volume.destination,
      options: volume.options,
      ...(owner && { owner }),
    })
    named.push(volumeMount(below(source, volume, run), volume.destination, volume.options))
  }
  const asked = (spec.mounts?.mounts ?? []).filter(mount => mount.kind !== 'volume')
  const others: Mount[] = []
  for (const [at, mount] of asked.entries())
    others.push(...(await mountOf(rooms, mount, { scratch: join(overlays, String(at)), run, root })))
  const scratch = spec.mounts?.imageVolumes === 'tmpfs' ? await imageTmpfs(rooms, record) : []
  return { mounts: [...scratch, ...named, ...others] }
}

/** Gives back what {@link mountVolumes} took; safe twice. */
export async function unmountVolumes(rooms: VolumeRooms, { id, config }: ContainerRecord): Promise<void> {
  releaseSubPaths(containerPaths(rooms.options, id).run)
  for (const { name } of config.volumes) await rooms.volumes.unmount(name)
  for (const mount of config.spec.mounts?.mounts ?? [])
    if (mount.kind === 'image') await rooms.images.unmount(mount.image, 'once')
}

interface Places {
  /** For what is written over a source. */
  readonly scratch: string
  readonly run: string
  /** Of the container. */
  readonly root: string
}

async function mountOf(
  rooms: VolumeRooms,
  mount: Exclude<RequestedMount, { kind: 'volume' }>,
  places: Places,
): Promise<readonly Mount[]> {
  if (mount.kind === 'bind') return bindOrLink(mount, places)
  if (mount.kind === 'glob')
    return (await Promise.all(expandGlob(mount).map(bind => mountOf(rooms, bind, places)))).flat()
  if (mount.kind === 'image') return [await imageMount(rooms, mount, places)]
  if (mount.kind === 'artifact') return artifactMounts(rooms, mount, places)
  if (mount.kind !== 'overlay') return [plainMount(mount)]
  const lower = mount.source.startsWith('/')
    ? existing(mount.source)
    : (await rooms.volumes.create({ name: mount.source, onNameConflict: 'ignore' })).mountPoint
  return [overlayMount({ ...mount, source: lower }, places.scratch)]
}

/**
 * A link that is not to be followed is no mount: the container gets one like it. Runtimes that can do so themselves (crun's
 * `copy-symlink`) do the same, others would follow it.
 */
function bindOrLink(
  { source, destination, options, subPath }: Extract<RequestedMount, { kind: 'bind' }>,
  { root, run }: Places,
): readonly Mount[] {
  const isLink = options.includes('no-dereference') && lstatSync(source, { throwIfNoEntry: false })?.isSymbolicLink()
  if (!isLink) return [bindMount(below(existing(source), { subPath }, run), destination, options)]
  using opened = openRoot(root)
  makeDirectoryInRoot(opened.fd, posix.dirname(destination), { uid: 0, gid: 0 })
  linkInRoot(opened.fd, destination, { target: readlinkSync(source), over: 'keep' })
  return []
}

/** The place itself, or what is below it. */
const below = (place: string, { subPath }: { readonly subPath?: string | undefined }, run: string): string =>
  subPath ? pinSubPath(place, subPath, run) : place

/** The files of an image; what is written over them goes with this run of the container. */
async function imageMount(
  rooms: VolumeRooms,
  { image, subPath, destination, readWrite }: Extract<RequestedMount, { kind: 'image' }>,
  { scratch, run }: Places,
): Promise<Mount> {
  const root = await rooms.images.mount(image)
  const source = below(root, { subPath }, run)
  return readWrite === 'yes'
    ? overlayMount({ kind: 'overlay', source, destination, options: [] }, scratch)
    : bindMount(source, destination, ['ro'])
}

/** Each file over the one that is there, or into the directory; where nothing is, one alone is a file. */
async function artifactMounts(
  rooms: VolumeRooms,
  { artifact, destination, name, digest, title }: Extract<RequestedMount, { kind: 'artifact' }>,
  { root }: Places,
): Promise<readonly Mount[]> {
  const files = await rooms.artifacts.files(artifact, { ...(digest ? { digest } : {}), ...(title ? { title } : {}) })
  using opened = openRoot(root)
  const there = kindInRoot(opened.fd, destination)
  const single = there === 'other' || (there === undefined && files.length === 1)
  if (single && files.length > 1)
    throw new LibpodError(
      'SPEC_INVALID',
      `artifact ${JSON.stringify(artifact)} contains more than one blob and container path ${JSON.stringify(destination)} is a file`,
      { subject: artifact },
    )
  return files.map((file, at) => {
    const called = name === undefined ? file.name : files.length > 1 ? `${name}-${at}` : name
    return bindMount(file.path, single ? destination : join(destination, called), ['ro'])
  })
}

/** What is written over the source goes with this run of the container, unless the caller names places for it (`:O`). */
function overlayMount(
  { source, destination, options }: Extract<RequestedMount, { kind: 'overlay' }>,
  scratch: string,
): Mount {
  const given = (key: string): string | undefined =>
    options.find(word => word.startsWith(`${key}=`))?.slice(key.length + 1)
  const [upper, work] = [given('upperdir') ?? join(scratch, 'upper'), given('workdir') ?? join(scratch, 'work')]
  const { mode, uid, gid } = statSync(source)
  mkdirSync(upper, { recursive: true, mode: 0o700 })
  mkdirSync(work, { recursive: true, mode: 0o700 })
  chownSync(upper, uid, gid)
  chmodSync(upper, mode & 0o7777)
  const layers = [`lowerdir=${escapeLayer(source)}`, `upperdir=${escapeLayer(upper)}`, `workdir=${escapeLayer(work)}`]
  return { destination, type: 'overlay', source: 'overlay', options: [...layers, 'private'] }
}

function existing(source: string): string {
  try {
    return realpathSync(source)
  } catch (cause) {
    throw new LibpodError('SPEC_INVALID', `statfs ${source}: no such file or directory`, { subject: source, cause })
  }
}

async function imageTmpfs(rooms: VolumeRooms, { config }: ContainerRecord): Promise<readonly Mount[]> {
  const image = await rooms.images.lookup(config.imageId)
  return image.config.volumes.map(path => tmpfsMount(posix.resolve('/', path), []))
}
