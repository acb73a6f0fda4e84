import { ConmonError } from './errors.ts'

/** What became of some typed bytes. */
export interface Typed {
  /** What belongs to the container. */
  readonly forward: Uint8Array
  /** Whether the whole sequence was typed; bytes after it belong to nobody. */
  readonly detached: boolean
}

/** Finds a key sequence in what is typed, however it is cut into pieces. */
export interface DetachKeys {
  /** Bytes that may be the beginning of the sequence are held back until it is certain that they are not. */
  push(bytes: Uint8Array): Typed
}

/** Podman's default. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q'

/**
 * Reads a key sequence: a comma list of single characters and of `ctrl-X`, X being a–z, @, [, \, ], ^ or _ (podman-attach(1)).
 * The empty text means no sequence at all.
 * @throws ConmonError DETACH_KEYS_INVALID
 */
export function detachKeys(text: string): DetachKeys {
  const sequence = parseKeys(text)
  const fallback = fallbacks(sequence)
  let held = 0 // how many bytes of the sequence have been seen, and are held back

  const push = (bytes: Uint8Array): Typed => {
    if (sequence.length === 0) return { forward: bytes, detached: false }
    const forward: number[] = []
    for (const byte of bytes) {
      while (held > 0 && byte !== sequence[held]) {
        const shorter = fallback[held - 1] ?? 0
        forward.push(...sequence.slice(0, held - shorter))
        held = shorter
      }
      if (byte === sequence[held]) held++
      else forward.push(byte)
      if (held === sequence.length) return { forward: Uint8Array.from(forward), detached: true }
    }
    return { forward: Uint8Array.from(forward), detached: false }
  }
  return { push }
}

function parseKeys(text: string): readonly number[] {
  return text === '' ? [] : text.split(',').map(key => parseKey(key, text))
}

function parseKey(key: string, text: string): number {
  const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1]
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 0x40
  if (/^[\x00-\x7f]$/.test(key)) return key.charCodeAt(0)
  throw new ConmonError('DETACH_KEYS_INVALID', `invalid detach keys: Unknown character: '${key}'`, { subject: text })
}

/** Knuth, Morris and Pratt: how much of the sequence still stands when the byte after its first n does not fit. */
function fallbacks(sequence: readonly number[]): readonly number[] {
  const table: number[] = sequence.length === 0 ? [] : [0]
  for (let at = 1, length = 0; at < sequence.length; at++) {
    while (length > 0 && sequence[at] !== sequence[length]) length = table[length - 1] ?? 0
    if (sequence[at] === sequence[length]) length++
    table.push(length)
  }
  return table
}
