import type { Call } from '../spec/call.ts'
import { readDocuments } from './documents.ts'
import type { KubeDownReport } from './kube.ts'
import { namedVolume } from './named-volume.ts'
import type { KubeObject } from './objects.ts'
import type { KubeRooms } from './rooms.ts'
import { workloadOf } from './workload.ts'

type Options = { readonly volumes?: 'keep' | 'remove' } & Call

/** Goes by names alone: what is not there any more is passed over. */
export async function down(rooms: KubeRooms, yaml: string, options: Options = {}): Promise<KubeDownReport> {
  const objects = readDocuments(yaml)
  const call = options.signal ? { signal: options.signal } : {}
  const names = new Set(objects.flatMap(object => workloadOf(object)?.name ?? []))
  const there = (await rooms.pods.list()).filter(({ name }) => names.has(name)).map(({ id }) => id)
  for (const id of there) await rooms.pods.stop(id, call)
  for (const id of there) await rooms.pods.remove(id, { running: 'kill', ...call })
  const secrets: string[] = []
  for (const name of namesOf(objects, 'Secret'))
    if (await rooms.secrets.exists(name)) secrets.push(await rooms.secrets.remove(name))
  const all = [...namesOf(objects, 'PersistentVolumeClaim'), ...claimed(objects)]
  const claims = options.volumes === 'remove' ? new Set(all) : []
  const volumes: string[] = []
  for (const name of claims) if (await removeVolume(rooms, name)) volumes.push(name)
  return { stopped: there, removed: there, secrets, volumes }
}

const namesOf = (objects: readonly KubeObject[], kind: KubeObject['kind']): readonly string[] =>
  objects.flatMap(object => (object.kind === kind && object.metadata?.name ? [object.metadata.name] : []))

/** By the volumes of pods. */
const claimed = (objects: readonly KubeObject[]): readonly string[] =>
  objects.flatMap(object =>
    object.kind === 'Pod'
      ? (object.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
      : [],
  )

async function removeVolume(rooms: KubeRooms, name: string): Promise<boolean> {
  if (!(await namedVolume(rooms, name))) return false
  await rooms.volumes.remove(name)
  return true
}
