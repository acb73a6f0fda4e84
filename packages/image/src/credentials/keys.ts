import { defaultDomain } from '../reference/docker-reference.ts'

/** The historic names of the default registry share one entry. */
const sameRegistry: Readonly<Record<string, string>> = {
  'registry-1.docker.io': defaultDomain,
  'index.docker.io': defaultDomain,
}

/** The names credentials of a repository may be filed under, the most specific first. */
export function credentialKeys(key: string): readonly string[] {
  const parts = key.split('/')
  const keys = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
  return [...keys.slice(0, -1), hostKey(keys.at(-1) ?? key)]
}

/** The host that a key as docker writes them stands for: scheme and path are dropped. */
export function hostKey(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? ''
  return sameRegistry[host] ?? host
}

/** @returns what is wrong with a key that a user gave, or undefined */
export function keyProblem(key: string): string | undefined {
  if (/^https?:\/\//.test(key)) return `key ${JSON.stringify(key)} contains http[s]:// prefix`
  return key === '' || /[\s@]/.test(key) || key.endsWith('/') ? `invalid key ${JSON.stringify(key)}` : undefined
}
