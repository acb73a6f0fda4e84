import type { Attachment, CapabilityArgs, PortMapping as CniPort } from '@libpod/cni'
import type { NetworkAttachment, PortMapping } from '../../../spec/network.ts'
import type { AttachRequest } from '../../backend.ts'

/** What the plugins of one network are told about a container (cni/CONVENTIONS.md). */
export function attachmentFor(
  request: AttachRequest,
  network: NetworkAttachment & { readonly interfaceName: string },
): Attachment {
  const ips = network.staticIps ?? []
  const [ip] = ips
  const args: (readonly [string, string])[] = [
    ['IgnoreUnknown', '1'],
    ['K8S_POD_NAME', request.containerName],
    ...(ip !== undefined && ips.length === 1 ? [['IP', ip] as const] : []),
    ...(network.staticMac === undefined ? [] : [['MAC', network.staticMac] as const]),
  ]
  const capabilityArgs: CapabilityArgs = {
    ...(ips.length > 1 && { ips }),
    ...(request.ports.length > 0 && { portMappings: request.ports.flatMap(cniPorts) }),
    ...(network.aliases?.length && { aliases: { [network.name]: network.aliases } }),
  }
  return {
    containerId: request.containerId,
    ifName: network.interfaceName,
    args,
    capabilityArgs,
    ...(request.netns !== undefined && { netns: request.netns }),
  }
}

/** A range becomes one entry for each of its ports. */
export function cniPorts({
  hostIp,
  hostPort = 0,
  containerPort,
  range = 1,
  protocol,
}: PortMapping): readonly CniPort[] {
  return Array.from({ length: range }, (_, index) => ({
    hostPort: hostPort + index,
    containerPort: containerPort + index,
    protocol,
    ...(hostIp && { hostIP: hostIp }),
  }))
}
