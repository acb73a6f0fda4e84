import { parseAllDocuments } from 'yaml'
import { LibpodError } from '../errors.ts'
import { type Kind, type KubeObject, readers } from './objects.ts'
import { shape, text } from './read.ts'

/** Far more than any file of people has. */
const maxBytes = 16 * 1024 * 1024
/** A few nested aliases stand for billions of values. */
const maxAliases = 1000

const header = shape({ apiVersion: text, kind: text })

/** The documents of kinds that can be played, lists of them opened, in the order of the file. @throws LibpodError KUBE_INVALID */
export function readDocuments(yaml: string): readonly KubeObject[] {
  return parse(yaml).flatMap(document => objectsOf(document))
}

function parse(yaml: string): readonly unknown[] {
  if (yaml.length > maxBytes) throw unreadable(`it has more than ${maxBytes} bytes`)
  const documents = parseAllDocuments(yaml, { prettyErrors: true })
  return [...documents].map(document => {
    const [error] = document.errors
    if (error) throw unreadable(error.message.split('\n', 1)[0] ?? '', error)
    try {
      return document.toJS({ maxAliasCount: maxAliases }) as unknown
    } catch (cause) {
      throw unreadable(cause instanceof Error ? cause.message : String(cause), cause)
    }
  })
}

const unreadable = (problem: string, cause?: unknown): LibpodError =>
  new LibpodError('KUBE_INVALID', `multi doc yaml could not be split: ${problem}`, { cause })

function objectsOf(document: unknown): readonly KubeObject[] {
  if (document === null || document === undefined) return []
  const { kind } = named('unable to read kube YAML', () => header(document, ''))
  if (kind === 'List' || kind === 'PodList') {
    const { items } = document as { readonly items?: unknown }
    return Array.isArray(items) ? items.flatMap(objectsOf) : []
  }
  if (!isKind(kind)) return []
  const label = kind === 'Secret' ? 'kube secret' : `Kube ${kind}`
  const read = named(`unable to read YAML as ${label}`, () => readers[kind](document, ''))
  return [{ kind, ...read } as KubeObject]
}

const isKind = (kind: string | undefined): kind is Kind => kind !== undefined && Object.hasOwn(readers, kind)

function named<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof LibpodError)) throw error
    throw new LibpodError('KUBE_INVALID', `${what}: ${error.message}`, {
      ...(error.subject !== undefined && { subject: error.subject }),
      cause: error,
    })
  }
}
