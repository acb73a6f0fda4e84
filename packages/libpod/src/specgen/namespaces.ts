import type { NetworkMode } from '../spec/network.ts'
import type { SecuritySpec } from '../spec/security.ts'

/** How Podman's API names a namespace; nothing at all is "as usual", in a pod the pod's. */
export interface GeneratedNamespace {
  readonly nsmode?: string
  readonly value?: string
}

type Namespaces = NonNullable<SecuritySpec['namespaces']>
type AnyMode = NonNullable<Namespaces[keyof Namespaces]> | NetworkMode

/** The mode that was asked for, `usual` where none was. `infra` is whose namespaces the pod's containers have without asking. */
export function namespaceOf(mode: AnyMode | undefined, usual: string, infra: string | undefined): GeneratedNamespace {
  if (mode === undefined) return { nsmode: usual }
  switch (mode.kind) {
    case 'container':
      return mode.container === infra ? {} : { nsmode: 'container', value: mode.container }
    case 'pod':
      return {}
    case 'path':
      return { nsmode: 'path', value: mode.path }
    case 'keep-id':
      return withValue('keep-id', { uid: mode.uid, gid: mode.gid, size: mode.size })
    case 'auto':
      return withValue('auto', { size: mode.size })
    case 'nomap':
      return { nsmode: 'no-map' }
    default:
      return { nsmode: mode.kind }
  }
}

function withValue(nsmode: string, values: Readonly<Record<string, number | undefined>>): GeneratedNamespace {
  const said = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
  return { nsmode, ...(said.length > 0 && { value: said.join(',') }) }
}
