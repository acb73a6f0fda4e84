import { parse } from 'yaml'
import { isDigest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type DockerReference, parseDockerReference, withDigest, withTag } from '../reference/docker-reference.ts'
import type { AccessOptions } from '../transports/transport.ts'
import { semverConstraint } from './semver.ts'

/** A repository of a list, and which of its images are wanted. */
export interface ListedRepository {
  readonly repository: DockerReference
  /** These, by name; or the tags that are chosen. */
  readonly images: readonly DockerReference[] | ((tag: string) => boolean)
  /** How its registry is reached. */
  readonly access: AccessOptions
}

/**
 * Reads a list of images as skopeo-sync(1) has it: `images`, `images-by-tag-regex` and `images-by-semver` of registries, with
 * `credentials`, `tls-verify` and `cert-dir` of each. `what` names the list in errors. @throws ImageError SYNC_LIST_INVALID
 */
export function parseSyncList(text: string, what: string): readonly ListedRepository[] {
  const registries = mapping(parseYaml(text, what), what)
  return Object.entries(registries).flatMap(([host, config]) => readRegistry(host, config, `${what}: ${host}`))
}

function parseYaml(text: string, what: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 })
  } catch (cause) {
    throw invalid(what, cause instanceof Error ? cause.message : String(cause))
  }
}

const invalid = (where: string, why: string): ImageError => new ImageError('SYNC_LIST_INVALID', `${where}: ${why}`)

function mapping(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid(where, 'must be a mapping')
}

function readText(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw invalid(where, 'must be a string')
}

function readRegistry(host: string, value: unknown, where: string): ListedRepository[] {
  const config = mapping(value, where)
  const access = readAccess(config, where)
  const listed = (key: string, choose: (repository: DockerReference, said: unknown, where: string) => Choice) =>
    Object.entries(mapping(config[key], `${where}: ${key}`)).map(([path, said]) => {
      const repository = readRepository(`${host}/${path}`, where)
      return { repository, images: choose(repository, said, `${where}: ${key}: ${path}`), access }
    })
  return [
    ...listed('images', byName),
    ...listed('images-by-tag-regex', (_, said, at) => byPattern(said, at)),
    ...listed('images-by-semver', (_, said, at) => byVersion(said, at)),
  ]
}

type Choice = ListedRepository['images']

function readRepository(name: string, where: string): DockerReference {
  try {
    return parseDockerReference(name)
  } catch (cause) {
    throw invalid(where, cause instanceof Error ? cause.message : String(cause))
  }
}

/** No names are all. */
function byName(repository: DockerReference, said: unknown, where: string): Choice {
  if (said === undefined || said === null) return () => true
  if (!Array.isArray(said)) throw invalid(where, 'must be a list')
  if (said.length === 0) return () => true
  return said.map(item => {
    const name = readText(item, where)
    if (isDigest(name)) return withDigest(repository, name)
    return readRepositoryTag(repository, name, where)
  })
}

function readRepositoryTag(repository: DockerReference, tag: string, where: string): DockerReference {
  try {
    return withTag(repository, tag)
  } catch (cause) {
    throw invalid(where, cause instanceof Error ? cause.message : String(cause))
  }
}

function byPattern(said: unknown, where: string): Choice {
  const text = readText(said, where)
  try {
    const pattern = new RegExp(text)
    return tag => pattern.test(tag)
  } catch (cause) {
    throw invalid(where, cause instanceof Error ? cause.message : String(cause))
  }
}

function byVersion(said: unknown, where: string): Choice {
  const text = readText(said, where)
  const choice = semverConstraint(text)
  if (choice === undefined) throw invalid(where, `improper constraint: ${text}`)
  return choice
}

function readAccess(config: Readonly<Record<string, unknown>>, where: string): AccessOptions {
  const { 'tls-verify': verify, 'cert-dir': certDir } = config
  const { username, password } = mapping(config.credentials, `${where}: credentials`)
  if (verify !== undefined && typeof verify !== 'boolean') throw invalid(where, 'tls-verify must be true or false')
  return {
    ...(verify !== undefined && { tlsVerify: verify ? ('yes' as const) : ('no' as const) }),
    ...(certDir !== undefined && { certDir: readText(certDir, `${where}: cert-dir`) }),
    ...(username !== undefined && {
      credentials: {
        username: readText(username, `${where}: credentials`),
        password: readText(password ?? '', `${where}: credentials`),
      },
    }),
  }
}
