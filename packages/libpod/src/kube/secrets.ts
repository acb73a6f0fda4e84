import { stringify } from 'yaml'
import { LibpodError } from '../errors.ts'
import { readDocuments } from './documents.ts'
import type { KubeObject, KubePodSpec, KubeSecret } from './objects.ts'
import type { KubeRooms } from './rooms.ts'

/** The secrets that pods use and no document brings along, as an earlier play kept them. @throws LibpodError KUBE_INVALID */
export async function keptSecrets(
  { secrets }: Pick<KubeRooms, 'secrets'>,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, KubeSecret>> {
  const kept = new Map<string, KubeSecret>()
  for (const name of names) if (await secrets.exists(name)) kept.set(name, await keptSecret(secrets, name))
  return kept
}

async function keptSecret(secrets: KubeRooms['secrets'], name: string): Promise<KubeSecret> {
  try {
    const found = readDocuments((await secrets.read(name)).toString('utf8')).find(isSecret)
    if (found) return found
  } catch (error) {
    if (!(error instanceof LibpodError && error.code === 'KUBE_INVALID')) throw error
  }
  // What is in it stays out of the message.
  throw new LibpodError('KUBE_INVALID', `secret ${name}: only secrets created via the kube yaml file are supported`, {
    subject: name,
  })
}

const isSecret = (object: KubeObject): object is KubeSecret => object.kind === 'Secret'

/** The names of the secrets that the containers and volumes of a pod are made with. */
export function secretsUsed({ containers = [], initContainers = [], volumes = [] }: KubePodSpec): ReadonlySet<string> {
  const all = [...containers, ...initContainers]
  const names = [
    ...all.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)),
    ...all.flatMap(({ envFrom = [] }) => envFrom.map(({ secretRef }) => secretRef?.name)),
    ...volumes.map(({ secret }) => secret?.secretName),
  ]
  return new Set(names.flatMap(name => (name ? [name] : [])))
}

/** Keeps a secret as a whole, as Podman does; an immutable one is not replaced. @throws LibpodError KUBE_INVALID */
export async function keepSecret(
  { secrets }: Pick<KubeRooms, 'secrets'>,
  { kind, ...rest }: KubeSecret,
  undo: AsyncDisposableStack,
): Promise<string> {
  const name = rest.metadata?.name
  if (!name) throw new LibpodError('KUBE_INVALID', 'secret does not have a name')
  const before = (await secrets.exists(name)) ? await secrets.read(name) : undefined
  if (before && (await keptSecret(secrets, name)).immutable)
    throw new LibpodError('KUBE_INVALID', `secret ${name}: cannot remove colliding secret as it is set to immutable`, {
      subject: name,
    })
  const data = Buffer.from(stringify({ apiVersion: 'v1', kind, ...rest }))
  const id = await secrets.create(name, data, { onNameConflict: 'replace' })
  undo.defer(async () => {
    if (before) await secrets.create(name, before, { onNameConflict: 'replace' })
    else await secrets.remove(name)
  })
  return id
}
