import * as fs from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import fc from 'fast-check'
import { isStorageError } from '../../src/index.ts'
import { parseRecords } from '../../src/records/record-file.ts'
import { cleanPath } from '../../src/rooted/clean-path.ts'
import { parsePax } from '../../src/tar/pax.ts'
import { TarReader } from '../../src/tar/reader.ts'
import { reassemble } from '../../src/tar/reassemble.ts'
import { evilTar } from '../support/evil-tar.ts'

/** A failure prints its seed. FUZZ_RUNS looks further than there is time for each time. */
const seconds = (n: number, numRuns = 20_000) =>
  process.env.FUZZ_RUNS
    ? { numRuns: Number(process.env.FUZZ_RUNS) }
    : { interruptAfterTimeLimit: n * 1000, numRuns, markInterruptAsFailure: false }

/** Reads an archive in pieces; what it saw, and how much. */
function read(
  bytes: Buffer,
  size: number,
): { readonly seen: string; readonly structure: number; readonly data: number } {
  const seen: string[] = []
  let [structure, data] = [0, 0]
  const reader = new TarReader({
    structure: piece => {
      structure += piece.length
    },
    entry: entry => seen.push(`${entry.kind} ${entry.name} ${entry.size}`),
    data: piece => {
      data += piece.length
    },
    entryEnd: () => seen.push('end'),
  })
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  reader.end()
  return { seen: seen.join('\n'), structure, data }
}

const entry = fc.record({
  name: fc.string({ minLength: 1, maxLength: 90 }),
  type: fc.constantFrom('0', '0', '1', '2', '5', 'x', 'L', 'S', 'g'),
  data: fc.string({ maxLength: 1500 }),
  link: fc.string({ maxLength: 90 }),
})

/** Flips, cuts and puts in bytes. */
const damage = fc.array(fc.tuple(fc.nat(20_000), fc.nat(255)), { maxLength: 12 })

function damaged(bytes: Buffer, changes: readonly (readonly [number, number])[], cut: number): Buffer {
  const copy = Buffer.from(bytes)
  for (const [at, value] of changes) copy[at % copy.length] = value
  return copy.subarray(0, copy.length - (cut % copy.length))
}

function refusedOr<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isStorageError(error)) return undefined
    throw error
  }
}

test('the tar reader either reads every byte, the same in any pieces, or refuses with its own error', t => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 6 }),
      damage,
      fc.nat(3000),
      fc.integer({ min: 1, max: 2000 }),
      (entries, changes, cut, size) => {
        const bytes = damaged(evilTar(entries), changes, changes.length > 6 ? cut : 0)
        const whole = refusedOr(() => read(bytes, bytes.length || 1))
        const pieces = refusedOr(() => read(bytes, size))
        if (whole && whole.structure + whole.data !== bytes.length) return false
        return JSON.stringify(whole) === JSON.stringify(pieces)
      },
    ),
    seconds(5),
  )
  t.pass()
})

test('PAX records, record files and names never break their readers', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => void refusedOr(() => parsePax(Buffer.from(bytes)))),
    seconds(1),
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => {
      const records = refusedOr(() => parseRecords(text, 'layers.json'))
      return records === undefined || records.every(each => typeof each.id === 'string')
    }),
    seconds(1),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '/', '.', '..', '\0', '\\', 'ÿ') }), name => {
      const path = refusedOr(() => cleanPath(name))
      return (
        path === undefined ||
        path === '' ||
        path.split('/').every(part => !['', '.', '..'].includes(part) && !part.includes('\0'))
      )
    }),
    seconds(1),
  )
  t.pass()
})

test('a damaged tar-split record is refused or gives bytes, and never a file from outside', async t => {
  const { gzipSync } = await import('node:zlib')
  const directory = await tempDir(t, 'fuzz')
  fs.mkdirSync(join(directory, 'diff'))
  fs.writeFileSync(join(directory, 'diff/a'), 'inside')
  fs.writeFileSync(join(directory, 'secret'), 'secret')
  fs.symlinkSync('../secret', join(directory, 'diff/link'))
  const line = fc.record({
    type: fc.constantFrom(1, 2, 3),
    name: fc.constantFrom('a', 'link', '../secret', '/etc/passwd', 'a/b', ''),
    size: fc.constantFrom(6, 0, 7, 1e15, -1),
    payload: fc.constantFrom(null, '', 'AAAAAAAAAAA=', 'c2VjcmV0'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.nat(100), async (lines, cut) => {
      const text = gzipSync(lines.map(each => `${JSON.stringify(each)}\n`).join(''))
      fs.writeFileSync(join(directory, 'record'), text.subarray(0, text.length - (cut > 90 ? cut - 90 : 0)))
      try {
        const pieces = await Array.fromAsync(
          reassemble({ record: join(directory, 'record'), directories: [join(directory, 'diff')] }),
        )
        return !Buffer.concat(
          pieces.filter(each => each.length === 6 && lines.every(one => one.payload !== 'c2VjcmV0')),
        ).includes('secret')
      } catch (error) {
        return isStorageError(error, 'LAYER_DAMAGED', 'ARCHIVE_UNSAFE')
      }
    }),
    seconds(4, 2000),
  )
  t.pass()
})
