import { closeSync, openSync, rmSync, truncateSync } from 'node:fs'
import { LibpodError } from '../../errors.ts'
import { endAll, wordsOf } from '../../host/strays.ts'
import { findProgram } from '../programs/find.ts'
import { addForwards, type Forward, listForwards, removeForward } from '../programs/slirp4netns/forward.ts'
import { launchSlirp } from '../programs/slirp4netns/launch.ts'
import { parseSlirpOptions, slirpAddresses, slirpArguments } from '../programs/slirp4netns/options.ts'
import { missingForwards, surplusForwards } from './forwards.ts'
import type { RootlessPlaces } from './places.ts'

/**
 * The program that carries packets between a plain user's bridges and the world: slirp4netns, for pasta takes no ports while it
 * runs. It is known by its socket, which is among its words: no file has to tell its pid.
 */
export interface CarrierSettings {
  /** containers.conf's `network_cmd_options`. */
  readonly options: readonly string[]
  /** Where the program may be, besides the usual places. */
  readonly directories: readonly string[]
}

/** The address of the name server that it is, which asks those of the host. @throws LibpodError SPEC_INVALID */
export const carrierDns = ({ options }: CarrierSettings): string => slirpAddresses(parseSlirpOptions(options)).dns

/** Sees to it that one runs; whether it had to be started, without any ports. @throws LibpodError NETWORK_FAILED, SPEC_INVALID */
export async function keepCarrier(places: RootlessPlaces, settings: CarrierSettings): Promise<'ran' | 'started'> {
  if (await isListening(places.apiSocket)) return 'ran'
  const options = parseSlirpOptions(settings.options)
  const program = findProgram('slirp4netns', settings.directories)
  if (Buffer.byteLength(places.apiSocket) > longestSocket)
    throw new LibpodError('NETWORK_FAILED', `the path of the socket ${places.apiSocket} is too long`, {
      subject: places.apiSocket,
      hint: 'choose a shorter --runroot',
    })
  endCarrier(places)
  rmSync(places.apiSocket, { force: true })
  using files = new DisposableStack()
  const log = files.adopt(openSync(places.log, 'a+', 0o600), closeSync)
  const args = slirpArguments(options, { netns: places.netns, apiSocket: places.apiSocket, end: 'when told' })
  await launchSlirp({ program, args, log })
  return 'started'
}

/** Of a unix socket, in bytes (unix(7)). */
const longestSocket = 107

/** Publishes these ports and no others. @throws LibpodError NETWORK_FAILED */
export async function setForwards({ apiSocket, log }: RootlessPlaces, wanted: readonly Forward[]): Promise<void> {
  const held = await listForwards(apiSocket)
  for (const { id } of surplusForwards(held, wanted)) await removeForward(apiSocket, id)
  await addForwards(apiSocket, missingForwards(held, wanted))
  truncateSync(log) // every order makes it longer
}

/** Ends it, and one that an engine was starting when it was killed. */
export function endCarrier({ apiSocket }: Pick<RootlessPlaces, 'apiSocket'>): void {
  endAll(pid => wordsOf(pid, 'cmdline').includes(`--api-socket=${apiSocket}`))
}

/** Whether there is one that heeds orders. */
export const isListening = (path: string): Promise<boolean> =>
  listForwards(path).then(
    () => true,
    () => false,
  )
