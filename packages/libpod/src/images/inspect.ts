import { join } from 'node:path'
import type { ImageRecord, Layer, Store } from '@libpod/storage'
import { timestamp } from '../timestamp.ts'
import { type Catalog, readCatalog } from './catalog.ts'
import type { HistoryStep } from './config.ts'
import { textOf, textRecordOf } from './document.ts'
import type { ImageConfig, ImageInspect } from './images.ts'
import { locateImage } from './lookup.ts'
import { repositoryDigests, taggedNames } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { readConfig, readManifest } from './stored-image.ts'

const docker = 'application/vnd.docker.distribution.manifest.v2+json'
const oci = 'application/vnd.oci.image.manifest.v1+json'

/** What `podman image inspect` prints, key by key in its order. @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID */
export async function inspectImage(rooms: ImageRooms, name: string): Promise<ImageInspect> {
  const store = await rooms.store()
  const { record } = await locateImage(rooms, name)
  const [document, manifest, catalog] = await Promise.all([
    readConfig(store, record),
    readManifest(store, record),
    readCatalog(store),
  ])
  const { config } = document
  const manifestType = textOf(manifest.mediaType) || oci
  const parent = await catalog.parent(record)
  const size = catalog.size(record)
  const isDocker = manifestType === docker
  return {
    Id: record.id,
    Digest: record.digest ?? '',
    RepoTags: taggedNames(record.names),
    RepoDigests: repositoryDigests(record.names, record.digests),
    Parent: parent?.id ?? '',
    Comment: isDocker ? document.comment : (document.history[0]?.comment ?? ''),
    Created: config.created ? timestamp(config.created) : null,
    Config: showConfig(config),
    Version: document.dockerVersion,
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os,
    Size: size,
    VirtualSize: size,
    GraphDriver: { Name: store.driverName, Data: driverData(store, catalog, record) },
    RootFS: { Type: document.rootfsType, Layers: document.diffIds },
    Labels: labelsOrNull(config),
    Annotations: manifestType === oci ? textRecordOf(manifest.annotations) : {},
    ManifestType: manifestType,
    User: config.user,
    History: document.history.map(showStep),
    NamesHistory: record.namesHistory,
    ...(isDocker && config.healthcheck && { Healthcheck: showHealthcheck(config.healthcheck) }),
  }
}

const labelsOrNull = ({ labels }: ImageConfig) => (Object.keys(labels).length > 0 ? labels : null)

/** The OCI image config; what is empty is left out. */
function showConfig(config: ImageConfig): Record<string, unknown> {
  return {
    ...(config.user !== '' && { User: config.user }),
    ...(config.exposedPorts.length > 0 && { ExposedPorts: asSet(config.exposedPorts) }),
    ...(config.env.length > 0 && { Env: config.env }),
    ...(config.entrypoint.length > 0 && { Entrypoint: config.entrypoint }),
    ...(config.cmd.length > 0 && { Cmd: config.cmd }),
    ...(config.volumes.length > 0 && { Volumes: asSet(config.volumes) }),
    ...(config.workdir !== '' && { WorkingDir: config.workdir }),
    ...(Object.keys(config.labels).length > 0 && { Labels: config.labels }),
    ...(config.stopSignal !== '' && { StopSignal: config.stopSignal }),
  }
}

const asSet = (keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.toSorted().map(key => [key, {}]))

const showStep = (step: HistoryStep): Record<string, unknown> => ({
  ...(step.created !== '' && { created: step.created }),
  ...(step.createdBy !== '' && { created_by: step.createdBy }),
  ...(step.author !== '' && { author: step.author }),
  ...(step.comment !== '' && { comment: step.comment }),
  ...(step.emptyLayer === 'yes' && { empty_layer: true }),
})

const showHealthcheck = (check: NonNullable<ImageConfig['healthcheck']>): Record<string, unknown> => ({
  ...(check.test.length > 0 && { Test: check.test }),
  ...(check.startPeriod !== undefined && { StartPeriod: check.startPeriod }),
  ...(check.interval !== undefined && { Interval: check.interval }),
  ...(check.timeout !== undefined && { Timeout: check.timeout }),
  ...(check.retries !== undefined && { Retries: check.retries }),
})

/** Where the driver keeps the image's layers (overlay: the directories of a mount; vfs: none). */
function driverData(store: Store, catalog: Catalog, image: ImageRecord): Record<string, string> {
  const [top, ...below] = catalog.chain(image)
  if (!top || store.driverName !== 'overlay') return {}
  const directory = (layer: Layer, part: string): string => join(store.graphRoot, 'overlay', layer.id, part)
  return {
    ...(below.length > 0 && { LowerDir: below.map(layer => directory(layer, 'diff')).join(':') }),
    UpperDir: directory(top, 'diff'),
    WorkDir: directory(top, 'work'),
  }
}
