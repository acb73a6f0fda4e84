import { LibpodError } from '../errors.ts'
import { PodTable } from '../pods/table.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { SystemRooms } from '../system/rooms.ts'
import { type AutoUpdatePolicy, labels, readPolicy } from './policy.ts'

/** A running container that is to be kept up to date, and the systemd unit that makes it anew. */
export interface UpdateTask {
  readonly container: ContainerRecord
  readonly policy: AutoUpdatePolicy
  readonly unit: string
  readonly image: string
  readonly authFile: string | undefined
}

export interface Assembled {
  readonly tasks: readonly UpdateTask[]
  readonly errors: readonly Error[]
}

/** What is to be done, and why some of it cannot be. */
export async function assembleTasks(rooms: SystemRooms): Promise<Assembled> {
  const running = await rooms.containers.list({ filters: { status: ['running'] } })
  const errors: Error[] = []
  const tasks = running.flatMap(({ id }) => {
    const record = rooms.state.containers.byId(id)
    try {
      return (record && taskOf(rooms, record)) ?? []
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)))
      return []
    }
  })
  return { tasks, errors }
}

/** Only labels of who made the container count: those of its image could restart any unit of the host. */
function taskOf(rooms: SystemRooms, container: ContainerRecord): UpdateTask | undefined {
  const { id, config } = container
  const given = config.spec.labels ?? {}
  const word = given[labels.policy]
  const policy = word === undefined ? 'disabled' : policyOf(id, word)
  if (policy === 'disabled') return undefined
  const pod = config.podId === undefined ? undefined : new PodTable(rooms.state.database).byId(config.podId)
  const unit = (pod ? pod.config.spec.labels : given)?.[labels.unit]
  if (unit === undefined) throw problem(id, `no ${labels.unit} label found`)
  const image = config.spec.image?.replace(/^docker:\/\//, '')
  if (!image) throw problem(id, 'raw-image name is empty')
  return { container, policy, unit, image, authFile: given[labels.authFile] }
}

function policyOf(id: string, word: string): AutoUpdatePolicy | 'disabled' {
  try {
    return readPolicy(word)
  } catch (error) {
    throw problem(id, error instanceof Error ? error.message : String(error))
  }
}

const problem = (id: string, reason: string): LibpodError =>
  new LibpodError('SPEC_INVALID', `auto-updating container ${JSON.stringify(id)}: ${reason}`, { subject: id })
