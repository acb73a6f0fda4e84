/** One way a server offers to be authenticated to (RFC 9110 §11.6.1); parameter names in lower case. */
export interface Challenge {
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

const schemePattern = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+|$)/y
const parameterPattern = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y

/** Reads a `WWW-Authenticate` header; what cannot be read ends the list. */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, 8192)
  const challenges: Challenge[] = []
  let at = 0
  for (;;) {
    schemePattern.lastIndex = at
    const scheme = schemePattern.exec(text)
    if (scheme === null) return challenges
    const { parameters, end } = readParameters(text, schemePattern.lastIndex)
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters })
    at = end
  }
}

function readParameters(text: string, from: number): { parameters: Map<string, string>; end: number } {
  const parameters = new Map<string, string>()
  let end = from
  for (;;) {
    parameterPattern.lastIndex = end
    const found = parameterPattern.exec(text)
    if (found === null) return { parameters, end }
    end = parameterPattern.lastIndex
    parameters.set((found[1] ?? '').toLowerCase(), found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '')
  }
}
