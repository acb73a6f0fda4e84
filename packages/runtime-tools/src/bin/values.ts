import type { RequestedRlimit } from '../generate/plan.ts'
import type { IdMapping, Mount } from '../spec/mount.ts'

/** `type=TYPE,src=PATH,dst=PATH[,OPTION...]`. @throws TypeError */
export function parseMount(text: string): Mount {
  const parts = text.split(',')
  const field = (key: string) => parts.find(part => part.startsWith(`${key}=`))?.slice(key.length + 1)
  const [type, source, destination] = [field('type') ?? 'bind', field('src'), field('dst')]
  if (destination === undefined) throw new TypeError(`mount "${text}" has no dst=`)
  const rest = parts.filter(part => !/^(type|src|dst)=/.test(part))
  const bind = type === 'bind' && !rest.some(option => /^r?bind$/.test(option)) ? ['rbind'] : []
  return { destination, type, source: source ?? type, options: [...bind, ...rest] }
}

/** `NAME=SOFT[:HARD]`; -1 is unlimited. @throws TypeError */
export function parseLimit(text: string): RequestedRlimit {
  const [, type, soft, hard] = /^([a-z]+)=(-1|\d+)(?::(-1|\d+))?$/i.exec(text) ?? []
  if (type === undefined) throw new TypeError(`"${text}" is no limit; NAME=SOFT:HARD is`)
  return { type, soft: Number(soft), hard: Number(hard ?? soft) }
}

/** `CTR:HOST:SIZE`. @throws TypeError */
export function parseMapping(text: string): IdMapping {
  const [, containerID, hostID, size] = /^(\d{1,10}):(\d{1,10}):(\d{1,10})$/.exec(text) ?? []
  if (size === undefined) throw new TypeError(`"${text}" is no mapping; CONTAINER:HOST:SIZE is`)
  return { containerID: Number(containerID), hostID: Number(hostID), size: Number(size) }
}

/** `KEY=VALUE` each. @throws TypeError */
export function parsePairs(texts: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map(pair))
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new TypeError(`"${text}" is not KEY=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** A whole number, or nothing for nothing. @throws TypeError */
export function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^-?\d{1,15}$/.test(text)) throw new TypeError(`"${text}" is no whole number`)
  return Number(text)
}

/** Octal digits. @throws TypeError */
export function parseMode(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[0-7]{1,4}$/.test(text)) throw new TypeError(`"${text}" is no octal mode`)
  return Number.parseInt(text, 8)
}
