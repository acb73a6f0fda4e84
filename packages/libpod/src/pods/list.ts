import { LibpodError } from '../errors.ts'
import { conditionsOf, type Filters, idTest, matchesLabel, pattern, pointInTime } from '../filters/values.ts'
import { cgroupParent } from './cgroup.ts'
import { type Member, membersByPod, podStatus } from './members.ts'
import type { PodSummary } from './pods.ts'
import type { PodRooms } from './rooms.ts'
import { type PodRecord, PodTable } from './table.ts'

/** Pods by filters, the oldest first. @throws LibpodError SPEC_INVALID */
export async function listPods(rooms: PodRooms, filters: Filters = {}): Promise<readonly PodSummary[]> {
  const members = await membersByPod(rooms)
  const pods = new PodTable(rooms.state.database).all().map(pod => summarize(rooms, pod, members.get(pod.id) ?? []))
  return pods.filter(podTest(filters))
}

function summarize(rooms: PodRooms, pod: PodRecord, members: readonly Member[]): PodSummary {
  const infra = rooms.state.containers.byId(pod.infraId)
  return {
    id: pod.id,
    name: pod.name,
    status: podStatus(members),
    created: pod.created,
    infraId: pod.infraId,
    cgroupParent: cgroupParent(rooms.options, pod.config.spec.resources?.cgroupParent),
    networks: infra?.config.networks.map(({ name }) => name) ?? [],
    restartPolicy: pod.config.spec.restart?.name ?? 'no',
    labels: pod.config.spec.labels ?? {},
    containers: members.map(({ id, name, state, restarts }) => ({ id, name, status: state, restarts })),
  }
}

type Test = (pod: PodSummary) => boolean

const makers: Readonly<Record<string, (value: string) => Test>> = {
  id: value => {
    const wanted = idTest(value)
    return pod => wanted(pod.id)
  },
  name: value => {
    const wanted = pattern(value)
    return pod => wanted.test(pod.name)
  },
  label: value => pod => matchesLabel(value, pod.labels),
  status: value => {
    if (!['stopped', 'running', 'paused', 'exited', 'dead', 'created', 'degraded'].includes(value))
      throw invalid(`${value} is not a valid pod status`)
    return pod => pod.status.toLowerCase() === value
  },
  network: value => pod => pod.networks.includes(value),
  until: value => {
    const time = pointInTime(value)
    return pod => pod.created < time
  },
  'ctr-names': value => {
    const wanted = pattern(value)
    return pod => pod.containers.some(({ name }) => wanted.test(name))
  },
  'ctr-ids': value => {
    const wanted = idTest(value)
    return pod => pod.containers.some(({ id }) => wanted(id))
  },
  'ctr-number': value => pod => pod.containers.length === Number(value),
  'ctr-status': value => {
    if (!['created', 'running', 'paused', 'stopped', 'exited', 'unknown'].includes(value))
      throw invalid(`${value} is not a valid status`)
    return pod => pod.containers.some(({ status }) => status === value)
  },
}

/** Values of one key are alternatives (labels: all of them), keys are conditions. @throws LibpodError SPEC_INVALID */
function podTest(filters: Filters): Test {
  const groups = Map.groupBy(conditionsOf(filters), ({ key, wanted }) => `${key}:${wanted}`)
  const tests = [...groups.values()].map(conditions => {
    const each = conditions.map(({ key, value, wanted }) => {
      const maker = Object.hasOwn(makers, key) ? makers[key] : undefined
      if (!maker) throw invalid(`${key} is an invalid filter`)
      const test = maker(value)
      return (pod: PodSummary): boolean => test(pod) === (wanted === 'yes')
    })
    const every = conditions.some(({ key, wanted }) => key === 'label' || wanted === 'no')
    return (pod: PodSummary): boolean => (every ? each.every(test => test(pod)) : each.some(test => test(pod)))
  })
  return pod => tests.every(test => test(pod))
}

const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)
