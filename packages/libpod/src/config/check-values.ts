import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { rlimitNames } from '@libpod/runtime-tools'
import { parseSubnet } from '../networks/addresses.ts'
import type { Table } from './merge.ts'

/** A value that its key cannot have. */
export interface WrongValue {
  readonly section: string
  readonly key: string
  readonly reason: string
}

interface Rule {
  readonly section: string
  readonly key: string
  /** What the key takes, after «is not». */
  readonly what: string
  /** Of a list: whether each of its texts is right. */
  readonly fits: (value: never) => boolean
}

/** The first value that Podman refuses when it reads its files, whatever the command; kinds have been looked at before. */
export const wrongValue = (document: Table): WrongValue | undefined => firstWrong(document, readRules)

/** The first value that Podman refuses when it opens its engine. */
export const wrongWhenOpened = (document: Table): WrongValue | undefined => firstWrong(document, openRules)

const rule =
  <T>(section: string, key: string, what: string) =>
  (fits: (value: T) => boolean): Rule => ({ section, key, what, fits: fits as Rule['fits'] })

const size = (text: string): boolean => text === '' || /^\d+(?:\.\d+)? ?[kmgtp]?i?b?$/i.test(text)
const oneOf =
  (...words: readonly string[]) =>
  (text: string): boolean =>
    text === '' || words.includes(text)

const readRules: readonly Rule[] = [
  rule<string>('containers', 'default_ulimits', 'a limit such as nofile=1024:2048')(isLimit),
  rule<string>('containers', 'devices', 'a device such as /dev/sdc:/dev/xvdc:rwm')(isDevice),
  rule<string>('containers', 'interface_name', '"device"')(oneOf('device')),
  rule<number>('containers', 'log_size_max', 'negative or at least 8192')(bytes => bytes < 0 || bytes >= 8192),
  rule<string>('containers', 'shm_size', 'a size such as 65536k')(size),
  rule<string>('containers', 'tz', 'a time zone of this host')(isZone),
  rule<string>('containers', 'umask', 'a umask such as 0022')(text => text === '' || /^[0-7]{1,4}$/.test(text)),
  rule<string>('engine', 'database_backend', 'a kind of database: sqlite')(oneOf('sqlite', 'boltdb')),
  rule<string | number>(
    'engine',
    'events_logfile_max_size',
    'a size such as 1m',
  )(value => typeof value === 'number' || size(value)),
  rule<string>('engine', 'image_volume_mode', 'one of anonymous, tmpfs, ignore')(oneOf('anonymous', 'tmpfs', 'ignore')),
  rule<number>('engine', 'num_locks', 'a number of 32 bits')(count => count >= 0 && count < 2 ** 32),
  rule<string>(
    'engine',
    'pull_policy',
    'one of always, missing, never, newer',
  )(text => oneOf('always', 'missing', 'ifnotpresent', 'never', 'newer')(text.toLowerCase())),
  rule<number>('network', 'dns_bind_port', 'a port')(port => port >= 0 && port < 2 ** 16),
  rule<Table>('network', 'default_subnet_pools', 'a network and the longer length of those in it')(isPool),
]

const openRules: readonly Rule[] = [
  rule<string>(
    'engine',
    'image_copy_tmp_dir',
    '"storage" or an absolute path',
  )(text => oneOf('storage')(text) || isAbsolute(text)),
  rule<string>('engine', 'lock_type', 'one of shm, file')(oneOf('shm', 'file')),
  rule<string>(
    'network',
    'default_subnet',
    'a network such as 10.88.0.0/16',
  )(text => text === '' || parseSubnet(text) !== undefined),
  rule<string>('network', 'network_backend', 'one of cni, netavark')(oneOf('cni', 'netavark')),
]

function firstWrong(document: Table, rules: readonly Rule[]): WrongValue | undefined {
  for (const { section, key, what, fits } of rules) {
    const value = (document[section] as Table | undefined)?.[key]
    if (value === undefined) continue
    const items = Array.isArray(value) ? value.filter(item => typeof item?.append !== 'boolean') : [value]
    const wrong = items.find(item => !fits(item as never))
    if (wrong !== undefined)
      return { section, key, reason: `${section}.${key}: ${JSON.stringify(wrong)} is not ${what}` }
  }
  return undefined
}

function isLimit(text: string): boolean {
  const name = /^(?:rlimit_)?([a-z]+)=-?\d+(?::-?\d+)?$/i.exec(text)?.[1]?.toLowerCase()
  return text === 'host' || rlimitNames.some(known => known === name)
}

/** `host[:container][:rwm]`, or a CDI name, which has no path. */
function isDevice(text: string): boolean {
  const [host = '', ...rest] = text.split(':')
  const access = rest.length > 0 && /^[rwm]{1,3}$/.test(rest.at(-1) ?? '') ? rest.slice(0, -1) : rest
  return (host.startsWith('/') || host.includes('=')) && access.length < 2 && access.every(path => path.startsWith('/'))
}

function isZone(zone: string): boolean {
  const directories = [process.env.TZDIR || '/usr/share/zoneinfo', '/etc/zoneinfo']
  return zone === '' || zone === 'local' || directories.some(directory => existsSync(join(directory, zone)))
}

function isPool({ base = '', size: length = 0 }: { readonly base?: string; readonly size?: number }): boolean {
  const subnet = parseSubnet(base)
  return subnet !== undefined && length >= subnet.prefix
}
