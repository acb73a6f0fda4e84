import { CniError } from '../errors.ts'
import { defined, type JsonObject } from '../json.ts'
import { address, familyOf, network, object, readDns, readRoutes, text } from './fields.ts'
import type { Dns, IpConfig, Result, Route } from './result.ts'

type Body = Omit<Result, 'cniVersion'>

/** Versions 0.1.0 and 0.2.0: one address of each family. */
export function read(file: JsonObject): Body {
  const parts = [file.ip4, file.ip6].flatMap(part => (part === undefined || part === null ? [] : [object(part, 'ip')]))
  return {
    interfaces: [],
    ips: parts.map(readIp),
    routes: parts.flatMap(part => readRoutes(part.routes)),
    dns: readDns(file.dns),
  }
}

/** @throws CniError RESULT_NOT_CONVERTIBLE without an address */
export function write(result: Body): JsonObject {
  if (result.ips.length === 0) {
    throw new CniError('RESULT_NOT_CONVERTIBLE', 'a result without addresses cannot be written in CNI 0.2.0')
  }
  return defined({ ip4: family(result, 4), ip6: family(result, 6), dns: dnsOf(result.dns) })
}

function readIp(part: JsonObject): IpConfig {
  return defined({ address: network(text(part, 'ip'), 'ip'), gateway: address(text(part, 'gateway'), 'gateway') })
}

function family(result: Body, wanted: 4 | 6): JsonObject | undefined {
  const ip = result.ips.find(entry => familyOf(entry.address) === wanted)
  if (!ip) return undefined
  const routes = result.routes.filter(route => familyOf(route.dst) === wanted).map(oldRoute)
  return defined({ ip: ip.address, gateway: ip.gateway, routes: routes.length > 0 ? routes : undefined })
}

/** What every version before 1.1 knows of a route. */
export const oldRoute = ({ dst, gw }: Route): Route => defined({ dst, gw })

/** `dns` is left out when there is nothing in it. */
export const dnsOf = (dns: Dns): Dns | undefined => (Object.keys(dns).length > 0 ? dns : undefined)
