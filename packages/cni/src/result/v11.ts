import { defined, type JsonObject } from '../json.ts'
import { readDns, readInterfaces, readIps, readRoutes } from './fields.ts'
import type { Result } from './result.ts'
import { dnsOf } from './v02.ts'
import { listOf } from './v04.ts'

/** Versions 0.3.0 to 1.1.0: later ones only add fields, and `ips[].version` follows from the address. */
export function read(file: JsonObject): Omit<Result, 'cniVersion'> {
  return {
    interfaces: readInterfaces(file.interfaces),
    ips: readIps(file.ips),
    routes: readRoutes(file.routes),
    dns: readDns(file.dns),
  }
}

/** Version 1.1.0, the shape of {@link Result} itself. */
export function write(result: Omit<Result, 'cniVersion'>): JsonObject {
  return defined({
    interfaces: listOf(result.interfaces),
    ips: listOf(result.ips),
    routes: listOf(result.routes),
    dns: dnsOf(result.dns),
  })
}
