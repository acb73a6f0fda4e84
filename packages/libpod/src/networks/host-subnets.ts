import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { parseSubnet, type Subnet } from './addresses.ts'

/** Subnets that the host's interfaces have or its routing table names; a default route is none. */
export async function hostSubnets(): Promise<readonly Subnet[]> {
  const addresses = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  const direct = addresses.flatMap(({ cidr }) => (cidr === null ? [] : [parseSubnet(cidr)]))
  const routed = parseRoutes(await readFile('/proc/net/route', 'utf8').catch(() => ''))
  return [...direct, ...routed].filter((subnet): subnet is Subnet => subnet !== undefined)
}

/** /proc/net/route: destination and mask in hexadecimal, in the machine's byte order (little-endian wherever Node runs). */
export function parseRoutes(text: string): readonly (Subnet | undefined)[] {
  return text
    .split('\n')
    .slice(1)
    .map(line => line.split('\t'))
    .filter(([, destination = '']) => /^[0-9A-F]{8}$/.test(destination) && destination !== '00000000')
    .map(([, destination = '', , , , , , mask = '']) => parseSubnet(`${dotted(destination)}/${prefixOf(mask)}`))
}

const bytesOf = (hex: string): readonly number[] => [...Buffer.from(hex, 'hex')].reverse()
const dotted = (hex: string): string => bytesOf(hex).join('.')
const prefixOf = (hex: string): number =>
  bytesOf(hex).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)

/** Names of the host's network interfaces. */
export async function hostInterfaces(): Promise<readonly string[]> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => '')
  return text.split('\n').flatMap(line => /^\s*([^\s:]+):/.exec(line)?.[1] ?? [])
}
