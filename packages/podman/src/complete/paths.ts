import type { DirectoryEntry, Engine } from '@libpod/libpod'
import type { Completion } from './complete.ts'

type Entries = (directory: string) => Promise<readonly DirectoryEntry[] | undefined>

/** What a path inside a container or an image may go on with: the shell's own files when that is nowhere. */
async function pathCompletion(typed: string, entries: Entries): Promise<Completion> {
  const whole = typed || '/'
  const inside = await entries(whole)
  if (inside?.length === 0) return { words: [{ text: joined(whole, '') }], directive: 'NoSpace' }
  const cut = whole.lastIndexOf('/') + 1
  const [directory, start] = inside ? [whole, ''] : [whole.slice(0, cut), whole.slice(cut)]
  const found = (inside ?? (await entries(directory || '.')) ?? []).filter(({ name }) => name.startsWith(start))
  const words = found.map(({ name, kind }) => ({ text: joined(directory, kind === 'directory' ? `${name}/` : name) }))
  const goesOn = found.length > 1 || found.some(({ kind }) => kind === 'directory')
  return { words, directive: goesOn ? 'NoSpace' : 'Default' }
}

const joined = (directory: string, name: string): string =>
  directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`

/** Commands whose words after the image are run in it. */
const inImage = new Set(['run', 'create', 'container run', 'container create'])

/** The image whose files a word may name. */
export const imageOf = (command: readonly string[], args: readonly string[]): string | undefined =>
  inImage.has(command.join(' ')) ? args[0] : undefined

export const pathInImage = (image: string, typed: string, { images }: Engine): Promise<Completion> =>
  pathCompletion(typed, directory => images.entries(image, directory))

/** `CONTAINER:PATH` of `podman cp`. */
export async function pathInContainer(typed: string, { containers }: Engine): Promise<Completion> {
  const at = typed.indexOf(':') + 1
  const [container, path] = [typed.slice(0, at - 1), typed.slice(at)]
  const { words, directive } = await pathCompletion(path, directory => containers.entries(container, directory))
  return { words: words.map(({ text }) => ({ text: typed.slice(0, at) + text })), directive }
}
