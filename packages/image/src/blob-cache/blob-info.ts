import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type Digest, isDigest } from '../digest.ts'
import { makeDirectory } from '../files/make-directory.ts'

/** What is remembered of blobs between copies (containers/image's blob-info cache, whose file this is). */
export interface BlobInfo {
  /** Blobs known to unpack to `plain`, with how they are compressed. */
  formsOf(plain: Digest): readonly KnownForm[]
  /** Repositories (`host/path`) of a registry that a blob was seen in, the latest first. */
  placesOf(host: string, digest: Digest): readonly string[]
  /** Remembers all facts at once. Only what was verified may be told. */
  remember(facts: readonly BlobFact[]): void
  /** Opens the file now, where that costs no time, and not when it is used first. */
  open(): void
}

export interface KnownForm {
  readonly digest: Digest
  readonly compression: string
  /** What its descriptor says of a table of contents, where we wrote that. */
  readonly annotations?: Readonly<Record<string, string>>
}

export type BlobFact =
  | { readonly kind: 'form'; readonly digest: Digest; readonly plain: Digest }
  | { readonly kind: 'compression'; readonly digest: Digest; readonly compression: string }
  | {
      readonly kind: 'variant'
      readonly digest: Digest
      readonly compression: string
      readonly annotations: Readonly<Record<string, string>>
    }
  | { readonly kind: 'place'; readonly host: string; readonly digest: Digest; readonly repository: string }

const tables = `
  CREATE TABLE IF NOT EXISTS DigestUncompressedPairs(anyDigest TEXT PRIMARY KEY NOT NULL, uncompressedDigest TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS DigestUncompressedPairs_index_uncompressedDigest ON DigestUncompressedPairs(uncompressedDigest);
  CREATE TABLE IF NOT EXISTS DigestCompressors(digest TEXT PRIMARY KEY NOT NULL, compressor TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS KnownLocations(transport TEXT NOT NULL, scope TEXT NOT NULL, digest TEXT NOT NULL,
    location TEXT NOT NULL, time TIMESTAMP NOT NULL, PRIMARY KEY (transport, scope, digest, location));
  CREATE TABLE IF NOT EXISTS DigestTOCUncompressedPairs(tocDigest TEXT PRIMARY KEY NOT NULL, uncompressedDigest TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS DigestSpecificVariantCompressors(digest TEXT PRIMARY KEY NOT NULL,
    specificVariantCompressor TEXT NOT NULL, specificVariantAnnotations BLOB NOT NULL)`

/** More candidates than this are not worth a request each. */
const mostCandidates = 5

const queries = {
  forms: `SELECT anyDigest AS digest, compressor, specificVariantAnnotations AS annotations FROM DigestUncompressedPairs
    JOIN DigestCompressors ON DigestCompressors.digest = anyDigest
    LEFT JOIN DigestSpecificVariantCompressors ON DigestSpecificVariantCompressors.digest = anyDigest
    WHERE uncompressedDigest = ? LIMIT ${mostCandidates}`,
  places: `SELECT location FROM KnownLocations WHERE transport = 'docker' AND scope = ? AND digest = ?
    ORDER BY time DESC LIMIT ${mostCandidates}`,
  form: 'INSERT OR REPLACE INTO DigestUncompressedPairs(anyDigest, uncompressedDigest) VALUES (?, ?)',
  compression: 'INSERT OR REPLACE INTO DigestCompressors(digest, compressor) VALUES (?, ?)',
  variant: `INSERT OR REPLACE INTO DigestSpecificVariantCompressors(digest, specificVariantCompressor,
    specificVariantAnnotations) VALUES (?, ?, ?)`,
  place:
    "INSERT OR REPLACE INTO KnownLocations(transport, scope, digest, location, time) VALUES ('docker', ?, ?, ?, ?)",
}

/** The cache in that file, which is opened, and made where there is none, when it is used first. Each method throws when that failed. */
export async function openBlobInfo(path: string): Promise<BlobInfo & Disposable> {
  await makeDirectory(dirname(path), { mode: 0o700 })
  let attempt: Attempt | undefined
  const database = (): DatabaseSync => {
    attempt ??= tryToOpen(path)
    if ('error' in attempt) throw attempt.error
    return attempt.database
  }
  return {
    formsOf: plain =>
      database()
        .prepare(queries.forms)
        .all(plain)
        .flatMap(({ digest, compressor, annotations }) =>
          isDigest(digest) && typeof compressor === 'string'
            ? [{ digest, compression: compressor, ...readAnnotations(annotations) }]
            : [],
        ),
    placesOf: (host, digest) =>
      database()
        .prepare(queries.places)
        .all(host, digest)
        .map(({ location }) => String(location)),
    remember(facts) {
      if (facts.length === 0) return
      database().exec('BEGIN EXCLUSIVE')
      for (const fact of facts) remember(database(), fact)
      database().exec('COMMIT')
    },
    open: () => void database(),
    [Symbol.dispose]: () => {
      if (attempt && 'database' in attempt) attempt.database.close()
    },
  }
}

type Attempt = { readonly database: DatabaseSync } | { readonly error: unknown }

/** Once: one that somebody keeps locked is waited for. */
function tryToOpen(path: string): Attempt {
  let database: DatabaseSync | undefined
  try {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    database = new DatabaseSync(path, { timeout: 5000 })
    // What is lost is learnt again: no copy waits for a disk because of it.
    database.exec(`PRAGMA synchronous = OFF; ${tables}`)
    return { database }
  } catch (error) {
    database?.close()
    return { error }
  }
}

function remember(database: DatabaseSync, fact: BlobFact): void {
  if (fact.kind === 'form') database.prepare(queries.form).run(fact.digest, fact.plain)
  else if (fact.kind === 'compression') database.prepare(queries.compression).run(fact.digest, fact.compression)
  else if (fact.kind === 'variant')
    database.prepare(queries.variant).run(fact.digest, fact.compression, Buffer.from(JSON.stringify(fact.annotations)))
  else database.prepare(queries.place).run(fact.host, fact.digest, fact.repository, now())
}

/** As Go's driver writes times. */
const now = (): string => new Date().toISOString().replace('T', ' ').replace('Z', '+00:00')

/** A variant without readable annotations is only what its compression says. */
function readAnnotations(stored: unknown): Pick<KnownForm, 'annotations'> {
  if (!(stored instanceof Uint8Array) && typeof stored !== 'string') return {}
  try {
    const read: unknown = JSON.parse(Buffer.from(stored).toString())
    const entries = Object.entries(read ?? {}).filter(([, value]) => typeof value === 'string')
    return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) }
  } catch {
    return {}
  }
}
