import { ifGone } from '../containers/gone.ts'
import { findPod, membersByPod } from './members.ts'
import type { PodContainerStats } from './pods.ts'
import type { PodRooms } from './rooms.ts'
import { PodTable } from './table.ts'

/** What the containers of pods use at this moment, those that do not run nothing; of all pods when none is named. @throws LibpodError POD_UNKNOWN */
export async function statsOfPods(
  rooms: PodRooms,
  names: readonly string[] | undefined,
): Promise<readonly PodContainerStats[]> {
  const pods = names ? names.map(name => findPod(rooms, name)) : new PodTable(rooms.state.database).all()
  const members = await membersByPod(rooms)
  const all = pods.flatMap(pod => (members.get(pod.id) ?? []).map(({ id }) => ({ id, pod: pod.id })))
  const each = all.map(async ({ id, pod }) => {
    const [stats] = await rooms.containers.stats([id]).catch(error => {
      ifGone(error)
      return []
    })
    return stats ? [{ ...stats, pod }] : []
  })
  return (await Promise.all(each)).flat()
}
