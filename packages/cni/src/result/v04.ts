import { defined, type JsonObject } from '../json.ts'
import { familyOf } from './fields.ts'
import type { Interface, Result } from './result.ts'
import { dnsOf, oldRoute } from './v02.ts'

/** Versions 0.3.0 to 0.4.0: addresses say their family. */
export function write(result: Omit<Result, 'cniVersion'>): JsonObject {
  return defined({
    interfaces: listOf(result.interfaces.map(oldInterface)),
    ips: listOf(result.ips.map(ip => ({ version: String(familyOf(ip.address)), ...ip }))),
    routes: listOf(result.routes.map(oldRoute)),
    dns: dnsOf(result.dns),
  })
}

/** What every version before 1.1 knows of an interface. */
export const oldInterface = ({ name, mac, sandbox }: Interface): Interface => defined({ name, mac, sandbox })

export const listOf = <T>(entries: readonly T[]): readonly T[] | undefined => (entries.length > 0 ? entries : undefined)
