import { LibpodError } from '../errors.ts'
import { readDocuments } from './documents.ts'
import type { Sources } from './environment.ts'
import type { KubePlayOptions } from './kube.ts'
import type { KubeConfigMap, KubeObject, KubeSecret } from './objects.ts'
import type { KubeRooms } from './rooms.ts'
import { keptSecrets, secretsUsed } from './secrets.ts'
import type { Workload } from './workload.ts'

/** All that containers take values from: of these documents, of the further ones, and of earlier plays. @throws LibpodError KUBE_INVALID */
export async function sourcesOf(
  rooms: Pick<KubeRooms, 'secrets'>,
  objects: readonly KubeObject[],
  of: { readonly workloads: readonly Workload[]; readonly options: KubePlayOptions },
): Promise<Sources> {
  const secrets = named(objects.filter((object): object is KubeSecret => object.kind === 'Secret'))
  const used = new Set(of.workloads.flatMap(({ spec }) => [...secretsUsed(spec)]))
  const kept = await keptSecrets(rooms, used.difference(secrets))
  return { configMaps: mapsOf(objects, of.options), secrets: new Map([...kept, ...secrets]) }
}

const isMap = (object: KubeObject): object is KubeConfigMap => object.kind === 'ConfigMap'

function mapsOf(
  objects: readonly KubeObject[],
  { configMaps = [] }: KubePlayOptions,
): ReadonlyMap<string, KubeConfigMap> {
  const maps = new Map(named(objects.filter(isMap)))
  for (const { path, yaml } of configMaps)
    for (const object of readDocuments(yaml)) {
      const name = object.metadata?.name ?? ''
      if (!isMap(object))
        throw refused(path, `invalid YAML kind: "${object.kind}". [ConfigMap] is the only supported by --configmap`)
      if (maps.has(name))
        throw refused(
          path,
          `ambiguous configuration: the same config map ${name} is present in YAML and in --configmaps ${path} file`,
        )
      maps.set(name, object)
    }
  return maps
}

const refused = (path: string, problem: string): LibpodError =>
  new LibpodError('KUBE_INVALID', `${JSON.stringify(path)}: ${problem}`, { subject: path })

const named = <O extends KubeConfigMap | KubeSecret>(objects: readonly O[]): Map<string, O> =>
  new Map(objects.map(object => [object.metadata?.name ?? '', object]))
