import { type Described, plainName } from './container.ts'

const own = 'io.podman.annotations'

/** What Podman knows of containers and Kubernetes does not; `podmanOnly`: also what means nothing to anybody else. */
export function annotationsOf(
  containers: readonly Described[],
  reserved: 'with-reserved' | 'without-reserved',
): Readonly<Record<string, string>> {
  return Object.assign({}, ...containers.map(each => ofOne(each, reserved)))
}

function ofOne({ name, spec }: Described, reserved: 'with-reserved' | 'without-reserved'): Record<string, string> {
  const { security = {}, resources = {}, process = {}, annotations = {} } = spec
  const plain = plainName(name)
  const limits = process.rlimits?.map(({ type, soft, hard }) => `${type}=${soft}:${hard}`).join(',')
  const disabled = security.labels?.filter(label => !label.includes(':')) ?? []
  const pairs: readonly (readonly [string, string | undefined])[] = [
    [`${own}.ulimit`, limits || undefined],
    [
      `${own}.pids-limit/${plain}`,
      resources.pids && resources.pids.limit > 0 ? String(resources.pids.limit) : undefined,
    ],
    [`${own}.cpuset/${plain}`, resources.cpu?.cpus],
    [`${own}.memory-nodes/${plain}`, resources.cpu?.mems],
    [`${own}.label/${plain}`, disabled.join(',label=') || undefined],
    [`${own}.apparmor/${plain}`, security.apparmor],
    [`${own}.init/${plain}`, spec.init ? 'TRUE' : undefined],
    [`${own}.init.container.type`, spec.initContainer === 'always' ? 'always' : undefined],
  ]
  const others = reserved === 'with-reserved' ? reservedOf({ name: plain, spec }) : []
  const asked = Object.entries(annotations)
    .filter(([key]) => !key.startsWith(`${own}.`))
    .map(([key, value]) => [`${key}/${plain}`, value] as const)
  return Object.fromEntries([
    ...asked,
    ...pairs.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
    ...others,
  ])
}

const upper = (holds: unknown): string => (holds ? 'TRUE' : 'FALSE')

const reservedOf = ({ name, spec }: Pick<Described, 'name' | 'spec'>): readonly (readonly [string, string])[] => [
  [`${own}.autoremove/${name}`, upper(spec.onExit !== undefined && spec.onExit !== 'keep')],
  [`${own}.privileged/${name}`, upper(spec.security?.privileged === 'yes')],
  [`${own}.publish-all/${name}`, upper(spec.network?.publishAll === 'yes')],
]
