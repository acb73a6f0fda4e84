import type { Stored } from './record-file.ts'
import { isRecord } from './shape.ts'

/**
 * The records that can still be read in the text of a damaged file: every one is tried by itself, wherever it begins, so
 * that what is broken or cut off costs no more than itself. The first of an id counts.
 */
export function salvageRecords<R extends Stored>(text: string): readonly R[] {
  const found = new Map<string, R>()
  for (let at = text.search(beginning); at >= 0; ) {
    const end = endOfObject(text, at)
    const record = end === undefined ? undefined : parseRecord<R>(text.slice(at, end))
    if (record && !found.has(record.id)) found.set(record.id, record)
    const from = record && end !== undefined ? end : at + 1
    const next = text.slice(from).search(beginning)
    at = next < 0 ? -1 : from + next
  }
  return [...found.values()]
}

/** Every writer begins with the id; no object within a record has one. */
const beginning = /\{\s*"id"\s*:/

/** Just after the brace that closes the one at `start`. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (inString) {
      if (character === '\\') at++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return at + 1
  }
  return undefined
}

function parseRecord<R extends Stored>(text: string): R | undefined {
  try {
    const record = JSON.parse(text) as R
    return isRecord(record) ? record : undefined
  } catch {
    return undefined
  }
}
