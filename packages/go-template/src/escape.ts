import { show } from './value.ts'

/** Blanks between operands when neither is text, as `fmt.Sprint` has it. */
export function print(...values: readonly unknown[]): string {
  return values
    .map(
      (value, i) =>
        (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string' ? ' ' : '') + nilText(value),
    )
    .join('')
}

/** Functions see no difference between what is nil and what is missing. */
const nilText = (value: unknown): string => (value === undefined ? '<nil>' : show(value))

export const println = (...values: readonly unknown[]): string => `${values.map(nilText).join(' ')}\n`

/** The arguments of the escaping functions: one is printed as an action prints it. */
const text = (values: readonly unknown[]): string =>
  values.length === 1 ? (values[0] === null ? '<no value>' : show(values[0])) : print(...values)

const htmlEscapes: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;', '\0': '\uFFFD' },
}

export const html = (...values: readonly unknown[]): string =>
  text(values).replaceAll(/[&<>"'\0]/g, each => htmlEscapes[each] ?? each)

export const js = (...values: readonly unknown[]): string =>
  text(values).replaceAll(/[\\'"<>&=\p{Cc}]/gu, character =>
    /[\\'"]/.test(character)
      ? `\\${character}`
      : `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )

export const urlquery = (...values: readonly unknown[]): string =>
  encodeURIComponent(text(values))
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
