import { parseTemplate as parse, type Template, TemplateError, type TypedFunction } from '@libpod/go-template'
import { UsageError } from '../cli/usage-error.ts'
import { toJson } from './json-form.ts'

/** A text that is no template, in Go's words. */
export class TemplateSyntax extends UsageError {}

/** The functions that Podman's formats know beside Go's own. */
const functions = {
  json: { takes: ['any'], call: toJson },
  join: { takes: ['[]string', 'string'], call: (list: readonly string[] | null, by: string) => (list ?? []).join(by) },
  split: { takes: ['string', 'string'], call: (text: string, by: string) => text.split(by) },
  lower: { takes: ['string'], call: (text: string) => text.toLowerCase() },
  upper: { takes: ['string'], call: (text: string) => text.toUpperCase() },
  title: { takes: ['string'], call: title },
  pad: { takes: ['string', 'int', 'int'], call: pad },
  truncate: { takes: ['string', 'int'], call: truncate },
} satisfies Readonly<Record<string, TypedFunction>>

function title(text: string): string {
  return text.replaceAll(/(?<=^|[^\p{L}\p{N}_'])\p{Ll}/gu, letter => letter.toUpperCase())
}

function pad(text: string, before: number, after: number): string {
  return text === '' ? '' : ' '.repeat(Math.max(0, before)) + text + ' '.repeat(Math.max(0, after))
}

/** By bytes, as Go's slices are. */
function truncate(text: string, length: number): string {
  const bytes = Buffer.from(text)
  return bytes.length < length ? text : bytes.subarray(0, Math.max(0, length)).toString()
}

/** @throws TemplateSyntax */
export const parseTemplate = (text: string, name: string): Template => asUsage(() => parse(text, { name, functions }))

/** Fills a template in. @throws UsageError where the data does not fit */
export const fill = (template: Template, data: unknown): string => asUsage(() => template.render(data))

function asUsage<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw error.code === 'SYNTAX' ? new TemplateSyntax(error.message) : new UsageError(error.message)
  }
}
