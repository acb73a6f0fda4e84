import { createReadStream, type ReadStream, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSpecHost } from '@libpod/runtime-tools'
import { locateImage } from '../images/lookup.ts'
import type { ImageRooms } from '../images/rooms.ts'
import type { Call } from '../spec/call.ts'
import { type BuildGround, buildArgv } from './argv.ts'
import { runBuildah } from './buildah.ts'
import { placeOf } from './context.ts'
import { removeLeftovers } from './leftovers.ts'
import { stepLimits } from './limits.ts'
import { mayMixPlatforms } from './platform-cache.ts'
import { checkOptions, dialectOf, findBuildah } from './program.ts'
import { storageConfFor } from './pull-options.ts'
import type { BuildEvent, BuildInput, BuildSpec, BuiltImage } from './spec.ts'
import { openBuildDirectory, shareCaches } from './temporary.ts'

/** Where Buildah looks by itself, in the form of the network tools that it uses. */
const usualNetworks = '/etc/cni/net.d'

type BuildOptions = Call<BuildEvent> & { readonly input?: BuildInput }

/** Builds an image in the engine's store with the Buildah of this host, as `images.build` promises. */
export async function buildImage(rooms: ImageRooms, spec: BuildSpec, options: BuildOptions = {}): Promise<BuiltImage> {
  const place = placeOf(spec)
  const program = findBuildah(process.env.PATH)
  await using directory = await openBuildDirectory()
  const ground = await groundOf(rooms, spec, directory.path)
  const files = await kept(place.files, options.input, directory.path)
  await shareCaches(directory, files)
  const fresh = (await mayMixPlatforms(program, spec, files)) ? ({ noCache: 'yes' } as const) : {}
  const ulimits = stepLimits(spec.ulimits ?? [], rooms.config.containers, await limitingHost())
  const argv = buildArgv({ ...spec, ...place, ...fresh, files, ulimits }, ground, await dialectOf(program, spec.pull))
  await checkOptions(program, argv)
  const storageConf = await keptStorageConf(rooms.options, directory.path)
  const run = { ...options, argv, temporary: directory.temporary, ...(storageConf && { storageConf }) }
  const said = await runBuildah(rooms, program, run).catch(async (error: unknown) => {
    const unwanted = options.signal?.aborted || spec.alwaysRemoveContainers !== 'no'
    if (unwanted) await removeLeftovers(rooms, ground.mountsFile)
    throw error
  })
  const built = await resultOf(rooms, spec, { said, ...ground })
  await rooms.events.write({ type: 'image', status: 'build', id: built.id, name: built.id })
  return built
}

/**
 * The Containerfiles as Buildah can open them: what comes as a stream (`input`, a pipe of the caller's such as `/dev/fd/63`) is kept
 * in a file, for Buildah does not have the caller's descriptors.
 */
async function kept(
  files: readonly string[],
  input: BuildInput | undefined,
  directory: string,
): Promise<readonly string[]> {
  const ways: string[] = []
  for (const [at, file] of files.entries()) {
    const path = join(directory, `Containerfile.${at}`)
    const text = file === '-' ? (input === 'own' ? process.stdin : (input ?? '')) : streamOf(file)
    if (text !== undefined) await writeFile(path, text, { mode: 0o600 })
    ways.push(text === undefined ? file : path)
  }
  return ways
}

function streamOf(file: string): ReadStream | undefined {
  const info = statSync(file, { throwIfNoEntry: false })
  return info?.isFIFO() || info?.isCharacterDevice() || info?.isSocket() ? createReadStream(file) : undefined
}

const limitingHost = async (): Promise<Parameters<typeof stepLimits>[2]> => ({
  ...(await readSpecHost()),
  pidMax: Number(await readFile('/proc/sys/kernel/pid_max', 'latin1')),
})

async function groundOf({ options }: ImageRooms, spec: BuildSpec, directory: string): Promise<BuildGround> {
  const mountsFile = join(directory, 'mounts.conf')
  await writeFile(mountsFile, await firstOf(options.defaultMountsFiles), { mode: 0o600 })
  const { networkConfigDir, ...others } = options
  return {
    ...others,
    ...(networkConfigDir === usualNetworks ? {} : { networkConfigDir }),
    mountsFile,
    ...(printsArchive(spec) ? { idFile: join(directory, 'id') } : {}),
  }
}

async function keptStorageConf(options: ImageRooms['options'], directory: string): Promise<string | undefined> {
  const text = await storageConfFor(options)
  if (text === undefined) return undefined
  const path = join(directory, 'storage.conf')
  await writeFile(path, text, { mode: 0o600 })
  return path
}

async function firstOf(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text !== undefined) return text
  }
  return ''
}

/** The id is printed after the ids of the steps; a file for it makes Buildah leave out all of them, and is only for where they would be lost in an archive. */
const printsArchive = ({ outputs = [] }: BuildSpec): boolean =>
  outputs.some(output => output === '-' || /(^|,)dest=-(,|$)/.test(output))

async function resultOf(
  rooms: ImageRooms,
  { manifest, logFile }: BuildSpec,
  { said, idFile }: { readonly said: string; readonly idFile?: string },
): Promise<BuiltImage> {
  if (manifest !== undefined) return { id: (await locateImage(rooms, manifest, { lists: 'list' })).record.id }
  if (idFile !== undefined) return { id: (await readFile(idFile, 'utf8')).trim().replace(/^sha256:/, '') }
  const printed = logFile === undefined ? said : await readFile(logFile, 'utf8')
  return { id: printed.match(/^[0-9a-f]{64}$/gm)?.at(-1) ?? '' }
}
