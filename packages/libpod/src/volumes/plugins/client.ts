import { statSync } from 'node:fs'
import { request } from 'node:http'
import { LibpodError } from '../../errors.ts'
import { type JsonObject, largestDocument, listOf, objectOf, parseDocument, textOf } from '../../images/document.ts'

/** A program that keeps volumes, and the unix socket where it is spoken to (Docker's volume plugin protocol). */
export interface VolumePlugin {
  readonly name: string
  readonly socket: string
  /** Seconds that an answer may take. */
  readonly timeout: number
}

/** Who mounts: the engine counts users itself, so it is one and the same for all (Podman's, whose volumes these may be). */
const mounter = '2f73349cfc4630255319c6c8dfc1b46a8996ace9d14d8e07563b165915918ec2'

/** Asks a plugin whether it is one. @throws LibpodError VOLUME_PLUGIN_FAILED */
export async function checkPlugin(plugin: VolumePlugin): Promise<void> {
  const { name, socket } = plugin
  const stat = statSync(socket, { throwIfNoEntry: false })
  if (!stat)
    throw failed(
      plugin,
      `cannot access plugin ${name} socket ${quoted(socket)}: stat ${socket}: no such file or directory`,
    )
  if (!stat.isSocket()) throw failed(plugin, `volume ${name} path ${quoted(socket)} is not a unix socket: ${notPlugin}`)
  const { status, body } = await post(plugin, '/Plugin.Activate')
  if (status !== 200)
    throw failed(plugin, `got status code ${status} from activation endpoint for plugin ${name}: ${notPlugin}`)
  const kinds = listOf(body?.Implements).map(textOf)
  if (kinds.includes('VolumeDriver')) return
  const text = `plugin ${name} does not implement volume plugin, instead provides ${kinds.join(', ')}`
  throw failed(plugin, `${text}: plugin is not a volume plugin`)
}

const notPlugin = 'target does not appear to be a valid plugin'

/** The names of all that it keeps. */
export async function listPluginVolumes(plugin: VolumePlugin): Promise<readonly string[]> {
  const { Volumes } = await ask(plugin, 'List')
  return listOf(Volumes).flatMap(volume => textOf(objectOf(volume).Name) || [])
}

export const getPluginVolume = (plugin: VolumePlugin, Name: string): Promise<JsonObject> => ask(plugin, 'Get', { Name })

export const createPluginVolume = (
  plugin: VolumePlugin,
  Name: string,
  Opts: Readonly<Record<string, string>>,
): Promise<unknown> => ask(plugin, 'Create', { Name, Opts })

export const removePluginVolume = (plugin: VolumePlugin, Name: string): Promise<unknown> =>
  ask(plugin, 'Remove', { Name })

/** Where it is on this host now. */
export async function mountPluginVolume(plugin: VolumePlugin, Name: string): Promise<string> {
  const path = textOf((await ask(plugin, 'Mount', { Name, ID: mounter })).Mountpoint)
  if (path.startsWith('/')) return path
  throw failed(plugin, `volume plugin ${plugin.name} gives no path for volume ${Name}`)
}

export const unmountPluginVolume = (plugin: VolumePlugin, Name: string): Promise<unknown> =>
  ask(plugin, 'Unmount', { Name, ID: mounter })

async function ask(plugin: VolumePlugin, verb: string, body?: Readonly<Record<string, unknown>>): Promise<JsonObject> {
  const path = `/VolumeDriver.${verb}`
  const answer = await post(plugin, path, body)
  const problem = textOf(answer.body?.Err)
  if (answer.status === 200 && problem === '' && answer.body) return answer.body
  const about = body ? ` on volume ${body.Name}` : ''
  const reason = problem || (answer.status === 200 ? 'its answer is no JSON object' : 'empty error from plugin')
  throw failed(plugin, `on ${path}${about} in volume plugin ${plugin.name}: ${reason}`)
}

interface Answer {
  readonly status: number
  readonly body: JsonObject | undefined
}

function post(plugin: VolumePlugin, path: string, body: object = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const fail = (cause: Error): void =>
    reject(failed(plugin, `sending request to volume plugin ${plugin.name} endpoint ${path}: ${cause.message}`, cause))
  const signal = AbortSignal.timeout(plugin.timeout * 1000)
  const headers = { 'content-type': 'application/vnd.docker.plugins.v1.1+json', host: 'plugin' }
  const outgoing = request({ socketPath: plugin.socket, path, method: 'POST', headers, signal }, incoming => {
    const pieces: Buffer[] = []
    let size = 0
    incoming.on('data', (piece: Buffer) => {
      size += piece.length
      if (size > largestDocument) incoming.destroy(new Error(`the answer is larger than ${largestDocument} bytes`))
      else pieces.push(piece)
    })
    incoming.on('error', fail)
    incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: parseDocument(Buffer.concat(pieces)) }))
  })
  outgoing.on('error', fail)
  outgoing.end(JSON.stringify(body))
  return promise
}

const quoted = (text: string): string => JSON.stringify(text)

const failed = ({ name }: VolumePlugin, message: string, cause?: unknown): LibpodError =>
  new LibpodError('VOLUME_PLUGIN_FAILED', message, { subject: name, ...(cause !== undefined && { cause }) })
