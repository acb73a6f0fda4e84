import { createHash } from 'node:crypto'
import { ifGone } from '../containers/gone.ts'
import { notifyReady } from '../containers/notify.ts'
import { LibpodError } from '../errors.ts'
import { serviceSpec } from '../pods/services.ts'
import type { KubePlayedPod, KubePlayOptions } from './kube.ts'
import type { KubeRooms } from './rooms.ts'
import type { Workload } from './workload.ts'

/** Who knows the documents knows its name. */
const serviceName = (yaml: string): string => `${createHash('sha256').update(yaml).digest('hex').slice(0, 12)}-service`

/** Makes the container that stands for all pods of these documents, if one is asked for and there are pods. @throws LibpodError SPEC_INVALID, UNSUPPORTED */
export async function makeService(
  rooms: KubeRooms,
  yaml: string,
  of: { readonly workloads: readonly Workload[]; readonly options: KubePlayOptions },
  undo: AsyncDisposableStack,
): Promise<string | undefined> {
  const { service, start, onNameConflict = 'refuse' } = of.options
  if (!service) return undefined
  if (start === 'no') throw new LibpodError('SPEC_INVALID', 'running a service container requires starting the pod(s)')
  if (of.workloads.length === 0) return undefined
  const spec = serviceSpec(rooms, serviceName(yaml), service.exitCodes)
  const { id } = await rooms.containers.create({ ...spec, onNameConflict })
  undo.defer(async () => void (await rooms.containers.remove(id, { running: 'kill' }).catch(ifGone)))
  return id
}

interface Played {
  readonly played: KubePlayedPod
}

/** Where nothing has started there is nothing to stand for. */
export async function settleService(rooms: KubeRooms, id: string, pods: readonly Played[]): Promise<void> {
  const runs = pods.some(
    ({ played: { containers, errors } }) => errors.length === 0 || errors.length < containers.length,
  )
  if (runs) notifyReady(rooms, id)
  else await rooms.containers.stop(id, { timeout: 0 })
}
