type Defined<M> = { [K in keyof M]?: Exclude<M[K], undefined> }

/** The members that have a value: absent stays absent instead of becoming `undefined`. */
export function defined<M extends object>(members: M): Defined<M> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<M>
}
