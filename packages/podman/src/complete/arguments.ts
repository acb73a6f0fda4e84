/** What may stand for an argument. */
export type ArgumentKind =
  | 'artifact'
  | 'container'
  | 'pod'
  | 'image'
  | 'network'
  | 'volume'
  | 'secret'
  | 'registry'
  | 'container-path'
  | 'file'

const kinds: readonly (readonly [pattern: RegExp, kind: ArgumentKind])[] = [
  [/\[CONTAINER:\]/, 'container-path'],
  [/ARTIFACT/, 'artifact'],
  [/CONTAINER(?!:)/, 'container'],
  [/POD/, 'pod'],
  [/IMAGE/, 'image'],
  [/NETWORK/, 'network'],
  [/VOLUME/, 'volume'],
  [/SECRET/, 'secret'],
  [/REGISTRY/, 'registry'],
  [/PATH|CONTEXT|FILE|COMMAND|ARG|URI|SOURCE/, 'file'],
]

/** What the argument at a place may be, read from the usage line of its command: `[options] NETWORK CONTAINER [CONTAINER...]`. */
export function argumentKinds(usage: string, index: number): readonly ArgumentKind[] {
  const words = usage.split(' ').filter(word => word !== '' && word !== '[options]')
  const last = words.at(-1)
  const repeats = last?.includes('...') ?? false
  // `[...]` stands for more of what came before it.
  const word = words[index] ?? (repeats ? last : undefined)
  if (word === undefined) return []
  return kindsOf(word === '[...]' ? (words.at(-2) ?? '') : word)
}

const kindsOf = (word: string): readonly ArgumentKind[] =>
  kinds.filter(([pattern]) => pattern.test(word)).map(([, kind]) => kind)
