import type { Stored } from './record-file.ts'
import { damagedKey, hasItsKind, isIntact, isRecord, isTime, knownKeys } from './shape.ts'

/**
 * The records that can still be read in the text of a damaged file: every one is tried by itself, wherever it begins, and
 * of one that is broken every field, so that what is broken or cut off costs no more than itself. The first of an id counts.
 * A time of creation that is none becomes `created`; what JSON allows in no text stands for itself no more.
 */
export function salvageRecords<R extends Stored>(damaged: string, created: string): readonly R[] {
  const text = damaged.replaceAll(/[^\P{Cc}\t\n\r]/gu, '\ufffd')
  const found = new Map<string, R>()
  const starts = beginnings(text)
  for (const [at, { start, id }] of starts.entries()) {
    const end = endOf(text, start)
    const part = text.slice(start, starts[at + 1]?.start)
    const whole = end === undefined ? undefined : parse(text.slice(start, end))
    const record = isTable(whole) && isRecord(whole) ? whole : { id, ...fieldsIn(part) }
    if (isRecord(record) && !found.has(record.id as string))
      found.set(record.id as string, restored(record, created) as unknown as R)
  }
  return [...found.values()]
}

type Fields = Readonly<Record<string, unknown>>

interface Beginning {
  readonly start: number
  readonly id: string
}

const opening = '{"id":"'

/**
 * Every writer begins a record with its id, which no object within a record has. A few damaged characters hide neither:
 * an id of the usual length is told by the quote after it, or by having none within.
 */
function beginnings(text: string): readonly Beginning[] {
  const exact = [...text.matchAll(/\{\s*"id"\s*:\s*"([^"]*)"/g)].map(each => ({ start: each.index, id: each[1] ?? '' }))
  const damaged = [...text.matchAll(/(?=(.{7})(?:(.{64})"|([^"]{64})))/gs)]
    .filter(each => isOpening(each[1] ?? ''))
    .map(each => ({ start: each.index, id: each[2] ?? each[3] ?? '' }))
  const starts = new Set(damaged.map(each => each.start))
  return [...exact.filter(each => !starts.has(each.start)), ...damaged].toSorted(
    (one, other) => one.start - other.start,
  )
}

function isOpening(text: string): boolean {
  const same = [...opening].filter((character, at) => text[at] === character).length
  return same >= opening.length - 2
}

/** Just after the value that begins at `start`: a string, a list, an object, or what stands until the next comma. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? ''
    if (inString) {
      if (character === '\\') at++
      else if (character === '"') {
        inString = false
        if (depth === 0) return at + 1
      }
    } else if (character === '"') inString = true
    else if (character === '{' || character === '[') depth++
    else if (depth === 0 && (character === ',' || character === '}')) return at
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return undefined
}

/** The known fields that are whole in the text of a broken record. */
function fieldsIn(text: string): Fields {
  const found = knownKeys.flatMap(key => {
    const name = `"${key}":`
    const at = text.indexOf(name)
    const start = at + name.length
    const end = at < 0 ? undefined : endOf(text, start)
    const value = end === undefined ? undefined : parse(text.slice(start, end))
    return value !== undefined && hasItsKind([key, value]) ? [[key, value] as const] : []
  })
  return Object.fromEntries(found)
}

/** Damaged keys get their names back, and what has no time the given one. */
function restored(record: Fields, created: string): Fields {
  const fields = Object.fromEntries(
    Object.entries(record).map(([key, value]) => {
      const name = damagedKey(key, record)
      return name !== undefined && hasItsKind([name, value]) ? [name, value] : [key, value]
    }),
  )
  if (isIntact(fields) && 'created' in fields) return fields
  return 'path' in fields || 'count' in fields || isTime(fields.created) ? fields : { ...fields, created }
}

const isTable = (value: unknown): value is Fields => typeof value === 'object' && value !== null

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
