import {
  isObject,
  type JsonObject,
  keysOf,
  listOf,
  numberOf,
  objectOf,
  textOf,
  textRecordOf,
  textsOf,
} from './document.ts'
import type { ImageConfig } from './images.ts'

/** A step of an image's making (OCI image-spec, config.md, `history`). */
export interface HistoryStep {
  readonly created: string
  readonly createdBy: string
  readonly author: string
  readonly comment: string
  readonly emptyLayer: 'yes' | 'no'
}

/** What of an image's config document the engine uses. */
export interface ImageDocument {
  readonly config: ImageConfig
  readonly history: readonly HistoryStep[]
  readonly diffIds: readonly string[]
  readonly rootfsType: string
  readonly dockerVersion: string
  readonly comment: string
}

/** Reads an OCI or Docker image config field by field; what has the wrong type is dropped. */
export function readImageDocument(document: JsonObject): ImageDocument {
  const rootfs = objectOf(document.rootfs)
  return {
    config: readConfig(document),
    history: listOf(document.history).filter(isObject).map(readStep),
    diffIds: textsOf(rootfs.diff_ids),
    rootfsType: textOf(rootfs.type) || 'layers',
    dockerVersion: textOf(document.docker_version),
    comment: textOf(document.comment),
  }
}

function readConfig(document: JsonObject): ImageConfig {
  const config = objectOf(document.config)
  const healthcheck =
    readHealthcheck(config.Healthcheck) ?? readHealthcheck(objectOf(document.container_config).Healthcheck)
  return {
    os: textOf(document.os),
    architecture: textOf(document.architecture),
    ...optional('variant', document.variant),
    ...optional('created', document.created),
    ...optional('author', document.author),
    user: textOf(config.User),
    env: textsOf(config.Env),
    entrypoint: textsOf(config.Entrypoint),
    cmd: textsOf(config.Cmd),
    workdir: textOf(config.WorkingDir),
    volumes: keysOf(config.Volumes),
    exposedPorts: keysOf(config.ExposedPorts),
    labels: textRecordOf(config.Labels),
    stopSignal: textOf(config.StopSignal),
    ...(healthcheck && { healthcheck }),
    shell: textsOf(config.Shell),
    onBuild: textsOf(config.OnBuild),
  }
}

const optional = <K extends string>(key: K, value: unknown) =>
  (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { readonly [P in K]?: string }

function readHealthcheck(value: unknown): ImageConfig['healthcheck'] {
  if (!isObject(value)) return undefined
  const [interval, timeout] = [numberOf(value.Interval), numberOf(value.Timeout)]
  const [startPeriod, retries] = [numberOf(value.StartPeriod), numberOf(value.Retries)]
  return {
    test: textsOf(value.Test),
    ...(interval !== undefined && { interval }),
    ...(timeout !== undefined && { timeout }),
    ...(startPeriod !== undefined && { startPeriod }),
    ...(retries !== undefined && { retries }),
  }
}

const readStep = (step: JsonObject): HistoryStep => ({
  created: textOf(step.created),
  createdBy: textOf(step.created_by),
  author: textOf(step.author),
  comment: textOf(step.comment),
  emptyLayer: step.empty_layer === true ? 'yes' : 'no',
})
