import type { NetworkAttachment, NetworkMode } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { UsageError } from '../cli/usage-error.ts'

export const attachTo = (name: string): NetworkAttachment => ({ name })

/** What all `--network` options say together; undefined when none does. Throws UsageError. */
export function parseNetworks(texts: readonly string[]): NetworkMode | undefined {
  const [first, ...others] = texts
  if (first === undefined) return undefined
  const mode = parseNetwork(first)
  if (others.length === 0) return mode
  const more = others.flatMap(text => {
    const next = parseNetwork(text)
    if (next?.kind !== 'bridge') throw conflict(text)
    return next.networks
  })
  if (mode !== undefined && mode.kind !== 'bridge') throw conflict(first)
  return { kind: 'bridge', networks: [...(mode?.networks ?? [attachTo('')]), ...more] }
}

const conflict = (text: string) =>
  new UsageError(
    `can only set extra network names, selected mode ${text.split(':', 1)[0]} conflicts with bridge: invalid argument`,
  )

/** One `--network`; undefined stands for the host's default. */
function parseNetwork(text: string): NetworkMode | undefined {
  const colon = text.indexOf(':')
  const [word, rest] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)]
  switch (word) {
    case '':
    case 'default':
      return undefined
    case 'none':
    case 'host':
    case 'private':
      return { kind: word }
    case 'bridge':
      return { kind: 'bridge', networks: [parseAttachment('', rest)] }
    case 'container':
      return {
        kind: 'container',
        container: needed(rest, 'must provide a valid container name when specifying a container namespace'),
      }
    case 'ns':
      return { kind: 'path', path: needed(rest, 'must provide a path to a namespace when specifying "ns:"') }
    case 'slirp4netns':
    case 'pasta':
      return { kind: word, options: rest ? rest.split(',') : [] }
    default:
      return { kind: 'bridge', networks: colon < 0 ? text.split(',').map(attachTo) : [parseAttachment(word, rest)] }
  }
}

function needed(text: string | undefined, problem: string): string {
  if (!text) throw new UsageError(problem)
  return text
}

/** `alias=…,ip=…,ip6=…,mac=…,interface_name=…` behind a network's name; other keys go to the backend. */
export function parseAttachment(name: string, text: string | undefined): NetworkAttachment {
  const aliases: string[] = []
  const staticIps: string[] = []
  const options: Record<string, string> = {}
  let staticMac: string | undefined
  let interfaceName: string | undefined
  for (const option of text ? text.split(',') : []) {
    const [key = '', value = ''] = option.split(/=(.*)/s, 2)
    if (key === 'alias') aliases.push(needed(value, 'alias cannot be empty'))
    else if (key === 'ip' || key === 'ip6') staticIps.push(value)
    else if (key === 'mac') staticMac = value
    else if (key === 'interface_name') interfaceName = needed(value, 'interface_name cannot be empty')
    else options[key] = value
  }
  return {
    name,
    ...defined({
      aliases: aliases.length > 0 ? aliases : undefined,
      staticIps: staticIps.length > 0 ? staticIps : undefined,
      staticMac,
      interfaceName,
      options: Object.keys(options).length > 0 ? options : undefined,
    }),
  }
}
