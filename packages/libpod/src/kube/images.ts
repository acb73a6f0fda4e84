import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BuildEvent } from '../build/spec.ts'
import type { PullEvent, PullOptions } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { PodAround } from './container-spec.ts'
import { pullPolicy } from './container-spec.ts'
import type { KubePlayOptions } from './kube.ts'
import type { KubeContainer } from './objects.ts'
import type { KubeRooms } from './rooms.ts'
import type { Workload } from './workload.ts'

type Options = KubePlayOptions & Call<PullEvent | BuildEvent>

interface Wanting {
  readonly workload: Workload
  readonly around: Pick<PodAround, 'volumes'>
}

/** Has every image that pods need in the store, those of their volumes as well: built, or else pulled. */
export async function fetchImages(
  { images }: Pick<KubeRooms, 'images'>,
  pods: readonly Wanting[],
  options: Options,
): Promise<void> {
  const { registry, signal, onProgress } = options
  const call = { ...registry, ...(signal && { signal }), ...(onProgress && { onProgress }) }
  for (const [image, policy] of wantedBy(pods)) {
    const file = buildFile(image, options.build?.directory)
    if (file === undefined || (options.build?.when !== 'always' && (await images.exists(image)))) {
      await images.pull(image, { policy, ...call })
      continue
    }
    const { retryDelayMs: _, ...trust } = call
    await images.build({ context: dirname(file), files: [file], tags: [image], layers: 'no', ...trust }, call)
  }
}

function wantedBy(pods: readonly Wanting[]): ReadonlyMap<string, NonNullable<PullOptions['policy']>> {
  const containers = pods.flatMap(({ workload: { spec } }): KubeContainer[] => [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
  ])
  const mounted = pods
    .flatMap(({ around }) => [...around.volumes.values()])
    .flatMap(volume => (volume.kind === 'image' ? [volume] : []))
  return new Map([
    ...mounted.map(volume => [volume.reference, pullPolicy(volume.reference, volume.pullPolicy)] as const),
    ...containers.map(({ image = '', imagePullPolicy }) => [image, pullPolicy(image, imagePullPolicy)] as const),
  ])
}

/**
 * What an image is built from: the Containerfile, else the Dockerfile, in a directory named after the last part of the image's
 * name, without tag and digest (podman-kube-play(1)).
 */
export function buildFile(image: string, directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined
  const [name = ''] = (image.split('@', 1)[0] ?? '').split('/').at(-1)?.split(':', 1) ?? []
  if (!/^[a-z0-9]/i.test(name)) return undefined
  return ['Containerfile', 'Dockerfile'].map(file => join(directory, name, file)).find(path => existsSync(path))
}
