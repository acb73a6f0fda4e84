import type { Engine } from '@libpod/libpod'
import type { ArgumentKind } from './arguments.ts'

/** A word to go on with, and what it is. */
export interface Suggestion {
  readonly text: string
  readonly about?: string
}

type Finder = (engine: Engine, typed: string, command: string) => Promise<readonly Suggestion[]>

/** The names of a kind that begin with what was typed; ids only when two letters of one are there. */
export const finders: Readonly<Record<Exclude<ArgumentKind, 'file' | 'container-path'>, Finder>> = {
  container: async ({ containers }, typed, command) => {
    const wanted = states[command]
    const found = await containers.list({ which: 'all' })
    return found
      .filter(({ state }) => !wanted || wanted.includes(state))
      .flatMap(({ id, names, image }) => [...names.map(text => ({ text, about: image })), ...shortId(id, typed)])
  },
  artifact: async ({ artifacts }) => (await artifacts.list()).map(({ name }) => ({ text: name })),
  pod: async ({ pods }, typed) =>
    (await pods.list()).flatMap(({ id, name, status }) => [{ text: name, about: status }, ...shortId(id, typed)]),
  image: async ({ images }, typed) =>
    (await images.list()).flatMap(({ id, names }) => [
      ...names.flatMap(name => shortNames(name, typed)),
      ...shortId(id, typed),
    ]),
  network: async ({ networks }, typed) =>
    (await networks.list()).flatMap(({ id, name, driver }) => [{ text: name, about: driver }, ...shortId(id, typed)]),
  volume: async ({ volumes }) => (await volumes.list()).map(({ name, driver }) => ({ text: name, about: driver })),
  secret: async ({ secrets }, typed) =>
    (await secrets.list()).flatMap(({ id, name }) => [{ text: name }, ...shortId(id, typed)]),
  registry: async ({ system }) => {
    const { search } = (await system.info()).registries as { readonly search?: readonly string[] }
    return (search ?? []).map(text => ({ text }))
  },
}

/** The states of containers that a command has something to do with; absent: any. */
const states: Readonly<Record<string, readonly string[]>> = {
  attach: ['running', 'paused'],
  exec: ['running'],
  kill: ['running', 'paused'],
  pause: ['running'],
  start: ['created', 'exited', 'stopped', 'initialized'],
  stop: ['running', 'paused', 'created'],
  unpause: ['paused'],
}

const shortId = (id: string, typed: string): readonly Suggestion[] =>
  typed.length >= 2 ? [{ text: id.slice(0, 12) }] : []

/** A name also goes by its parts: `quay.io/libpod/busybox:1` by `libpod/busybox:1` and `busybox:1`, once a letter is typed. */
function shortNames(name: string, typed: string): readonly Suggestion[] {
  const parts = name.split('/')
  const shorter = typed === '' ? [] : parts.slice(1).map((_, at) => parts.slice(at + 1).join('/'))
  return [name, ...shorter].map(text => ({ text }))
}
