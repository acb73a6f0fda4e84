/** An empty list is left out of a spec like an absent one. */
export const listed = <T>(entries: readonly T[]): readonly T[] | undefined => (entries.length > 0 ? entries : undefined)

/** Without the properties that are undefined: what JSON would drop is not there in the first place. */
export function defined<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> }
}
