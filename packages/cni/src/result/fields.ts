import { isIP } from 'node:net'
import { CniError } from '../errors.ts'
import { defined, isObject, isText, isTextList, type JsonObject } from '../json.ts'
import type { Dns, Interface, IpConfig, Route } from './result.ts'

/** Readers of the parts that several versions share. They are tolerant of what is missing and strict about what is there. */

export function readDns(value: unknown): Dns {
  const dns = value === undefined || value === null ? {} : object(value, 'dns')
  return defined({
    nameservers: texts(dns, 'nameservers'),
    domain: text(dns, 'domain'),
    search: texts(dns, 'search'),
    options: texts(dns, 'options'),
  })
}

export const readInterfaces = (value: unknown): readonly Interface[] => {
  return objects(value, 'interfaces').map(entry =>
    defined({
      name: text(entry, 'name') ?? '',
      mac: text(entry, 'mac'),
      mtu: number(entry, 'mtu'),
      sandbox: text(entry, 'sandbox'),
      socketPath: text(entry, 'socketPath'),
      pciID: text(entry, 'pciID'),
    }),
  )
}

export const readIps = (value: unknown): readonly IpConfig[] => {
  return objects(value, 'ips').map(entry =>
    defined({
      interface: number(entry, 'interface'),
      address: network(text(entry, 'address'), 'address'),
      gateway: address(text(entry, 'gateway'), 'gateway'),
    }),
  )
}

export const readRoutes = (value: unknown): readonly Route[] => {
  return objects(value, 'routes').map(entry =>
    defined({
      dst: network(text(entry, 'dst'), 'dst'),
      gw: address(text(entry, 'gw'), 'gw'),
      mtu: number(entry, 'mtu'),
      advmss: number(entry, 'advmss'),
      priority: number(entry, 'priority'),
      table: number(entry, 'table'),
      scope: number(entry, 'scope'),
    }),
  )
}

/** 4 or 6, of an address with or without prefix. */
export const familyOf = (value: string): 4 | 6 => (isIP(value.split('/')[0] ?? '') === 4 ? 4 : 6)

export function object(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value
  throw invalid(`"${what}" is not an object`)
}

export function network(value: string | undefined, what: string): string {
  const [ip = '', prefix, ...rest] = (value ?? '').split('/')
  const most = isIP(ip) === 4 ? 32 : 128
  if (isIP(ip) > 0 && /^\d{1,3}$/.test(prefix ?? '') && Number(prefix) <= most && rest.length === 0)
    return `${ip}/${prefix}`
  throw invalid(`"${what}" is not an address with a prefix`)
}

export function address(value: string | undefined, what: string): string | undefined {
  if (value === undefined || isIP(value) > 0) return value
  throw invalid(`"${what}" is not an address`)
}

export function text(entry: JsonObject, key: string): string | undefined {
  const value = entry[key] ?? ''
  if (isText(value)) return value === '' ? undefined : value
  throw invalid(`"${key}" is no text`)
}

function texts(entry: JsonObject, key: string): readonly string[] | undefined {
  const value = entry[key] ?? []
  if (isTextList(value)) return value.length > 0 ? value : undefined
  throw invalid(`"${key}" is no list of texts`)
}

function number(entry: JsonObject, key: string): number | undefined {
  const value = entry[key] ?? undefined
  if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined
  throw invalid(`"${key}" is no whole number`)
}

function objects(value: unknown, what: string): readonly JsonObject[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.map(entry => object(entry, what))
  throw invalid(`"${what}" is no list`)
}

export const invalid = (reason: string) => new CniError('PLUGIN_OUTPUT_INVALID', `invalid CNI result: ${reason}`)
