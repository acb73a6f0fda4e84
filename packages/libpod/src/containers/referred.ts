import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { ContainerRecord } from '../state/container.ts'

/**
 * Refuses a container that asks for secrets or containers that there are not: known when it is made, rather than at its start.
 * @throws LibpodError SECRET_UNKNOWN, CONTAINER_UNKNOWN, SPEC_INVALID
 */
export async function refuseUnknown(rooms: Pick<Rooms, 'state' | 'secrets'>, spec: ContainerSpec): Promise<void> {
  for (const { source } of spec.secrets ?? []) await rooms.secrets.inspect(source)
  for (const text of spec.mounts?.volumesFrom ?? []) lender(rooms, text)
  for (const name of spec.dependencies ?? [])
    known(rooms, name, `${JSON.stringify(name)} is not a valid container, cannot be used as a dependency`)
}

/** Another container whose mounts are taken over, and the options over theirs: `CTR[:OPTION,…]`. */
export interface Lender {
  readonly record: ContainerRecord
  readonly options: readonly string[]
}

/** Reads an entry of `--volumes-from`. @throws LibpodError CONTAINER_UNKNOWN, SPEC_INVALID */
export function lender(rooms: Pick<Rooms, 'state'>, text: string): Lender {
  const [name = '', given] = text.split(/:(.*)/s, 2)
  const options = given === undefined ? [] : given.split(',')
  const unknown = options.find(option => !['z', 'ro', 'rw'].includes(option))
  if (unknown !== undefined)
    throw invalid(
      `invalid option ${JSON.stringify(unknown)} specified - volumes from another container can only use z,ro,rw options`,
    )
  if (options.filter(option => option === 'z').length > 1)
    throw invalid('cannot set :z more than once in mount options')
  if (options.filter(option => option !== 'z').length > 1) throw invalid('cannot set ro or rw options more than once')
  const doing = `looking up container ${JSON.stringify(name)} for volumes-from`
  return { record: known(rooms, name, doing), options }
}

const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)

/** The container of this name; the error says what it was wanted for. @throws LibpodError CONTAINER_UNKNOWN, NAME_AMBIGUOUS */
export function known({ state }: Pick<Rooms, 'state'>, name: string, doing: string): ContainerRecord {
  try {
    return state.containers.find(name)
  } catch (cause) {
    if (!(cause instanceof LibpodError)) throw cause
    throw new LibpodError(cause.code, `${doing}: ${cause.message}`, { subject: name, cause })
  }
}
