import { posix } from 'node:path'
import { type Sources, secretContents } from './environment.ts'
import type { KubeConfigMap, KubePodSpec, KubeVolume } from './objects.ts'
import { wholeQuantity } from './quantity.ts'
import { invalid } from './read.ts'

export type HostPathType = NonNullable<NonNullable<KubeVolume['hostPath']>['type']>

/** What a volume of a pod is made of. */
export type PlannedVolume =
  | { readonly kind: 'host'; readonly path: string; readonly type: HostPathType }
  | { readonly kind: 'named'; readonly name: string; readonly access: 'ro' | 'rw' }
  /** The pod's own, gone with it. */
  | { readonly kind: 'own'; readonly name: string; readonly files: readonly VolumeFile[] }
  | { readonly kind: 'memory'; readonly size?: number }
  | { readonly kind: 'image'; readonly reference: string; readonly pullPolicy?: string }

export interface VolumeFile {
  /** Below the volume, without links or `..`. */
  readonly path: string
  readonly bytes: Uint8Array
  /** Permissions, such as 0o644. */
  readonly mode: number
}

/** The volumes of a pod by the names by which its containers mount them. @throws LibpodError KUBE_INVALID */
export function planVolumes(
  pod: string,
  { volumes = [] }: KubePodSpec,
  sources: Sources,
): ReadonlyMap<string, PlannedVolume> {
  return new Map(
    volumes.map((volume, index) => {
      const at = `spec.volumes[${index}]`
      if (!volume.name) throw invalid(`${at}.name`, 'is missing')
      return [volume.name, plan(`${pod}-${volume.name}`, { ...volume, at }, sources)] as const
    }),
  )
}

function plan(own: string, volume: KubeVolume & { readonly at: string }, sources: Sources): PlannedVolume {
  const { hostPath, emptyDir, persistentVolumeClaim: claim, image, at } = volume
  if (hostPath) return hostVolume(hostPath, `${at}.hostPath`)
  if (claim) {
    if (!claim.claimName) throw invalid(`${at}.persistentVolumeClaim.claimName`, 'is missing')
    return { kind: 'named', name: claim.claimName, access: claim.readOnly ? 'ro' : 'rw' }
  }
  if (volume.configMap || volume.secret) return { kind: 'own', name: own, files: filesOf(volume, sources) }
  if (emptyDir) return emptyVolume(own, emptyDir, `${at}.emptyDir`)
  if (image) {
    if (!image.reference) throw invalid(`${at}.image.reference`, 'is missing')
    const { reference, pullPolicy } = image
    return { kind: 'image', reference, ...(pullPolicy !== undefined && { pullPolicy }) }
  }
  const known = 'hostPath, emptyDir, configMap, persistentVolumeClaim, secret and image volumes are currently supported'
  throw invalid(at, known)
}

/** A name without a slash is that of a volume of ours. */
function hostVolume({ path, type = '' }: NonNullable<KubeVolume['hostPath']>, at: string): PlannedVolume {
  if (!path) throw invalid(`${at}.path`, 'is missing')
  return path.includes('/') ? { kind: 'host', path, type } : { kind: 'named', name: path, access: 'rw' }
}

function emptyVolume(
  name: string,
  { medium, sizeLimit }: NonNullable<KubeVolume['emptyDir']>,
  at: string,
): PlannedVolume {
  if (medium !== 'Memory') return { kind: 'own', name, files: [] }
  const size = sizeLimit === undefined ? undefined : wholeQuantity(sizeLimit, `${at}.sizeLimit`)
  return { kind: 'memory', ...(size !== undefined && { size }) }
}

function filesOf(
  { configMap, secret, at }: KubeVolume & { readonly at: string },
  sources: Sources,
): readonly VolumeFile[] {
  const source = configMap ?? secret ?? {}
  const what = configMap ? 'ConfigMap' : 'Secret'
  const name = (configMap?.name ?? secret?.secretName) || ''
  const contents = configMap ? mapContents(sources.configMaps.get(name)) : ofSecret(name, sources)
  if (!contents && source.optional) return []
  if (!contents) throw invalid(at, `no such ${what} ${JSON.stringify(name)}`)
  const { defaultMode = 0o644, items } = source
  const wanted = items?.length
    ? items.map(({ key = '', path = key, mode = defaultMode }) => ({ key, path, mode }))
    : [...contents.keys()].map(key => ({ key, path: key, mode: defaultMode }))
  return wanted.flatMap(({ key, path, mode }) => {
    const bytes = contents.get(key)
    if (!bytes && source.optional) return []
    if (!bytes) throw invalid(at, `${what} ${JSON.stringify(name)} has no key ${JSON.stringify(key)}`)
    if (mode < 0 || mode > 0o777) throw invalid(at, `${mode} is no mode of a file: it must be between 0 and 0777`)
    return [{ path: within(path, at), bytes, mode }]
  })
}

function ofSecret(name: string, { secrets }: Sources): ReadonlyMap<string, Uint8Array> | undefined {
  const secret = secrets.get(name)
  return secret && secretContents(secret)
}

function mapContents(map: KubeConfigMap | undefined): ReadonlyMap<string, Uint8Array> | undefined {
  if (!map) return undefined
  const { data = {}, binaryData = {} } = map
  const twice = Object.keys(data).find(key => Object.hasOwn(binaryData, key))
  if (twice !== undefined)
    throw invalid(
      `ConfigMap ${map.metadata?.name ?? ''}`,
      `is invalid: duplicate key ${JSON.stringify(twice)} present in data and binaryData`,
    )
  return new Map([
    ...Object.entries(data).map(([key, value]) => [key, Buffer.from(value)] as const),
    ...Object.entries(binaryData).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
  ])
}

/** A document must not write beside the volume. */
function within(path: string, at: string): string {
  const parts = path.split('/')
  if (path === '' || posix.isAbsolute(path) || parts.some(part => part === '' || part === '.' || part === '..'))
    throw invalid(at, `${JSON.stringify(path)} is no path below the volume`)
  return path
}
