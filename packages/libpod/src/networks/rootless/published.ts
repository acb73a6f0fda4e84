import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Published } from './forwards.ts'
import type { RootlessPlaces } from './places.ts'

type Place = Pick<RootlessPlaces, 'forwards'>

/** Written down before the ports are published: whoever starts the carrier anew publishes them again. */
export function savePublished({ forwards }: Place, container: string, ports: readonly Published[]): void {
  mkdirSync(forwards, { recursive: true, mode: 0o700 })
  writeFileSync(join(forwards, container), JSON.stringify(ports), { mode: 0o600 })
}

export const forgetPublished = ({ forwards }: Place, container: string): void =>
  rmSync(join(forwards, container), { force: true })

/** By container. A file that its engine was killed over is none: that container is not attached. */
export function readPublished({ forwards }: Place): ReadonlyMap<string, readonly Published[]> {
  const files = names(forwards).flatMap(name => {
    const ports = read(join(forwards, name))
    return ports ? [[name, ports] as const] : []
  })
  return new Map(files)
}

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function read(path: string): readonly Published[] | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as readonly Published[]
  } catch {
    return undefined
  }
}
