import { readFileSync } from 'node:fs'

/** What is told of a container as the runtime got it. */
export interface StartedSpec {
  readonly annotations?: Readonly<Record<string, string>>
  readonly process?: {
    readonly env?: readonly string[]
    readonly capabilities?: { readonly effective?: readonly string[]; readonly bounding?: readonly string[] }
  }
}

/** The spec of a container's last start; undefined for one that never was started. */
export function startedSpec(path: string): StartedSpec | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
