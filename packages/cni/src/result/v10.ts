import { defined, type JsonObject } from '../json.ts'
import type { Result } from './result.ts'
import { dnsOf, oldRoute } from './v02.ts'
import { listOf, oldInterface } from './v04.ts'

/** Version 1.0.0: 0.4.0 without the family of addresses. */
export function write(result: Omit<Result, 'cniVersion'>): JsonObject {
  return defined({
    interfaces: listOf(result.interfaces.map(oldInterface)),
    ips: listOf(result.ips),
    routes: listOf(result.routes.map(oldRoute)),
    dns: dnsOf(result.dns),
  })
}
