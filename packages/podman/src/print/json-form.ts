/** What JSON makes of objects that templates see under Go's names. */
const forms = new WeakMap<object, unknown>()

/** Lets `{{json .}}` show an object as the command's own JSON has it. */
export function withJson<T extends object>(object: T, json: unknown): T {
  forms.set(object, json)
  return object
}

/** JSON on one line. */
export const toJson = (value: unknown): string => JSON.stringify(value ?? null, asKept)

const asKept = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && forms.has(value) ? forms.get(value) : value
