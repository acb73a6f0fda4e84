import { parseTemplate as parse, show, type Template, TemplateError } from '@libpod/go-template'
import { UsageError } from '../cli/usage-error.ts'

/** The functions that Podman's formats know beside Go's own. */
const functions = {
  json: (value: unknown) => JSON.stringify(value ?? null),
  join: (list: readonly unknown[], separator: string) => list.map(show).join(separator),
  split: (text: string, separator: string) => text.split(separator),
  lower: (text: unknown) => show(text).toLowerCase(),
  upper: (text: unknown) => show(text).toUpperCase(),
  title: (text: unknown) => show(text).replaceAll(/(^|\s)\S/g, letter => letter.toUpperCase()),
  pad: (text: string, before: number, after: number) =>
    text === '' ? '' : ' '.repeat(before) + text + ' '.repeat(after),
  truncate: (text: string, length: number) => [...text].slice(0, length).join(''),
}

/** @throws UsageError */
export const parseTemplate = (text: string): Template => asUsage(() => parse(text, { functions }))

/** Fills a template in. @throws UsageError where the data does not fit */
export const fill = (template: Template, data: unknown): string => asUsage(() => template.render(data))

function asUsage<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof TemplateError ? new UsageError(error.message) : error
  }
}
