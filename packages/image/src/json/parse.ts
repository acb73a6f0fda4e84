import { ImageError } from '../errors.ts'

/** What JSON can say; objects are Maps, so that no key can touch a prototype. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

const maximumDepth = 64
const whitespace = /[ \t\n\r]*/y
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const literals: Readonly<Record<string, Json>> = { true: true, false: false, null: null }

/**
 * RFC 8259 without leniency: duplicate keys, integers beyond 2^53, invalid UTF-8 and nesting over 64 are errors, so
 * that two readers of one document cannot disagree about it. `what` names the document in errors.
 * @throws ImageError MANIFEST_INVALID
 */
export function parseJson(bytes: Uint8Array | string, what: string): Json {
  const text = typeof bytes === 'string' ? bytes : decode(bytes, what)
  const cursor: Cursor = { text, at: 0, what }
  const value = readValue(cursor, 0)
  skip(cursor)
  return cursor.at === text.length ? value : refuse(cursor, 'text after the end')
}

interface Cursor {
  readonly text: string
  at: number
  readonly what: string
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new ImageError('MANIFEST_INVALID', `${what} is not valid UTF-8`, { cause })
  }
}

function refuse(cursor: Cursor, why: string): never {
  throw new ImageError('MANIFEST_INVALID', `${cursor.what}: ${why} at offset ${cursor.at}`)
}

function skip(cursor: Cursor): void {
  whitespace.lastIndex = cursor.at
  whitespace.test(cursor.text)
  cursor.at = whitespace.lastIndex
}

function readValue(cursor: Cursor, depth: number): Json {
  if (depth > maximumDepth) refuse(cursor, 'nested too deeply')
  skip(cursor)
  const first = cursor.text[cursor.at]
  if (first === '{') return readObject(cursor, depth)
  if (first === '[') return readArray(cursor, depth)
  if (first === '"') return readString(cursor)
  const literal = readLiteral(cursor)
  return literal === undefined ? readNumber(cursor) : literal
}

function readLiteral(cursor: Cursor): Json | undefined {
  for (const [word, value] of Object.entries(literals)) {
    if (!cursor.text.startsWith(word, cursor.at)) continue
    cursor.at += word.length
    return value
  }
  return undefined
}

function readNumber(cursor: Cursor): number {
  numberPattern.lastIndex = cursor.at
  const found = numberPattern.exec(cursor.text)?.[0]
  if (found === undefined) return refuse(cursor, 'unexpected text')
  const value = Number(found)
  if (/^-?[0-9]+$/.test(found) && !Number.isSafeInteger(value)) refuse(cursor, 'integer out of range')
  cursor.at += found.length
  return value
}

function readString(cursor: Cursor): string {
  const { text } = cursor
  let end = cursor.at + 1
  while (text[end] !== '"') {
    if (end >= text.length) return refuse(cursor, 'unterminated string')
    end += text[end] === '\\' ? 2 : 1
  }
  const raw = text.slice(cursor.at, end + 1)
  try {
    const value = JSON.parse(raw) as string
    cursor.at = end + 1
    return value
  } catch {
    return refuse(cursor, 'invalid string')
  }
}

function readArray(cursor: Cursor, depth: number): Json[] {
  const items: Json[] = []
  cursor.at++
  if (take(cursor, ']')) return items
  do items.push(readValue(cursor, depth + 1))
  while (take(cursor, ','))
  return take(cursor, ']') ? items : refuse(cursor, 'expected , or ]')
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  const object = new Map<string, Json>()
  cursor.at++
  if (take(cursor, '}')) return object
  do readMember(cursor, object, depth)
  while (take(cursor, ','))
  return take(cursor, '}') ? object : refuse(cursor, 'expected , or }')
}

function readMember(cursor: Cursor, object: Map<string, Json>, depth: number): void {
  skip(cursor)
  if (cursor.text[cursor.at] !== '"') refuse(cursor, 'expected a key')
  const key = readString(cursor)
  if (object.has(key)) refuse(cursor, `duplicate key ${JSON.stringify(key)}`)
  if (!take(cursor, ':')) refuse(cursor, 'expected :')
  object.set(key, readValue(cursor, depth + 1))
}

function take(cursor: Cursor, character: string): boolean {
  skip(cursor)
  if (cursor.text[cursor.at] !== character) return false
  cursor.at++
  return true
}

/** Writes a parsed document compactly, keys in their order. */
export function stringifyJson(value: Json): string {
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${stringifyJson(item)}`).join(',')}}`
  }
  return Array.isArray(value) ? `[${value.map(stringifyJson).join(',')}]` : JSON.stringify(value)
}
