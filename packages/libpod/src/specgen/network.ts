import type { NetworkAttachment, NetworkSpec, PortMapping } from '../spec/network.ts'
import type { ContainerRecord } from '../state/container.ts'
import { type Generated, present, sorted } from './source.ts'

export const portMappings = (ports: readonly PortMapping[]): readonly Generated[] =>
  ports.map(({ hostIp = '', hostPort = 0, containerPort, range = 1, protocol }) => ({
    host_ip: hostIp,
    container_port: containerPort,
    host_port: hostPort,
    range,
    protocol,
  }))

/** `['80/tcp', '80/udp']` → `{ 80: 'tcp,udp' }`. */
export function exposed(ports: readonly string[]): Readonly<Record<string, string>> {
  const groups = Map.groupBy(
    ports.map(port => port.split('/')),
    ([number = '']) => number,
  )
  return Object.fromEntries(
    [...groups].map(([number, each]) => [number, each.map(([, protocol = 'tcp']) => protocol).join(',')]),
  )
}

/** Each network by its name, null for a container that is plugged into none. */
export function networksOf({ id, config }: ContainerRecord): Generated | null {
  if (config.networks.length === 0) return null
  const { hostname } = config.spec.process ?? {}
  const own = [id.slice(0, 12), ...(hostname === undefined ? [] : [hostname])]
  return sorted(
    Object.fromEntries(
      config.networks.map((network, index) => {
        const aliases = [...new Set([...(network.aliases ?? []), ...own])]
        return [network.name, attached({ interfaceName: `eth${index}`, ...network, aliases })]
      }),
    ),
  )
}

const attached = ({ staticIps, aliases, staticMac, interfaceName, options }: NetworkAttachment): Generated =>
  present({
    static_ips: staticIps,
    aliases,
    static_mac: staticMac,
    interface_name: interfaceName,
    options,
  })

export const namesOf = ({ dns, hosts }: NetworkSpec) => ({
  dns_server: dns?.servers,
  dns_search: dns?.search,
  dns_option: dns?.options,
  hostadd: hosts,
})

/** Of the program that carries the packets. */
export function programOptions({ mode }: NetworkSpec): Generated | undefined {
  if (mode?.kind !== 'slirp4netns' && mode?.kind !== 'pasta') return undefined
  return mode.options.length > 0 ? { [mode.kind]: mode.options } : undefined
}
