import type { Mount } from '@libpod/runtime-tools'
import type { RequestedMount } from '../spec/mount.ts'

/** Words that are the engine's own and must not reach the runtime. */
const ours = new Set([
  'z',
  'Z',
  'U',
  'chown',
  'O',
  'nocopy',
  'copy',
  'noexec-copy',
  'recursive',
  'norecursive',
  'bind-nonrecursive',
  'consistent',
  'delegated',
  'cached',
  'no-dereference',
])
const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable']

/** A directory or file of the host seen in the container; recursive, private and writable unless the options say otherwise. */
export function bindMount(source: string, destination: string, options: readonly string[]): Mount {
  return { destination, type: 'bind', source, options: bindOptions(options) }
}

/** A named volume: a bind that, unless told, brings no devices and no setuid programs. */
export function volumeMount(source: string, destination: string, options: readonly string[]): Mount {
  const guarded = [...(options.includes('suid') ? [] : ['nosuid']), ...(options.includes('dev') ? [] : ['nodev'])]
  return { destination, type: 'bind', source, options: bindOptions([...new Set([...options, ...guarded])]) }
}

function bindOptions(options: readonly string[]): readonly string[] {
  const own = options.filter(word => !ours.has(word) && !/^(upperdir|workdir|subpath|volume-opt|idmap)=/.test(word))
  const has = (...words: readonly string[]): boolean => words.some(word => own.includes(word))
  return [
    ...own,
    ...(has(...propagations) ? [] : [has('bind') ? 'private' : 'rprivate']),
    ...(has('bind', 'rbind') ? [] : ['rbind']),
  ]
}

/** A tmpfs with the options that containers get: nothing set-user-id, no devices, and what the image has there copied up. */
export function tmpfsMount(destination: string, options: readonly string[]): Mount {
  const has = (...words: readonly string[]): boolean => words.some(word => options.includes(word))
  const kept = options.filter(word => word !== 'notmpcopyup' && word !== 'U' && word !== 'chown')
  return {
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [
      ...kept,
      'rprivate',
      ...(has('suid', 'nosuid') ? [] : ['nosuid']),
      ...(has('dev', 'nodev') ? [] : ['nodev']),
      ...(has('notmpcopyup', 'tmpcopyup') ? [] : ['tmpcopyup']),
    ],
  }
}

/** Mounts that need nothing of the host but a path. */
export function plainMount(
  request: Exclude<RequestedMount, { kind: 'volume' | 'image' | 'overlay' | 'artifact' }>,
): Mount {
  switch (request.kind) {
    case 'bind':
    case 'glob':
      return bindMount(request.source, request.destination, request.options)
    case 'tmpfs':
      return tmpfsMount(request.destination, request.options)
    case 'ramfs':
      return { destination: request.destination, type: 'ramfs', source: 'ramfs', options: request.options }
    case 'devpts':
      return {
        destination: request.destination,
        type: 'devpts',
        source: 'devpts',
        ...(request.options.length > 0 ? { options: request.options } : {}),
      }
  }
}

/** A directory as an option of overlayfs, where a colon separates lower directories and a comma options. */
export const escapeLayer = (path: string): string => path.replace(/[\\:,]/g, '\\$&')
