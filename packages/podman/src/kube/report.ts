import type { KubeDownReport, KubePlayReport } from '@libpod/libpod'

const lines = (...words: readonly string[]): string => words.map(word => `${word}\n`).join('')

/** What was made, as Podman says it. */
export function playText({ volumes, secrets, pods }: KubePlayReport): string {
  const some = (title: string, names: readonly string[]): string => (names.length > 0 ? lines(title, ...names) : '')
  const blocks = pods.map(({ id, containers }) => {
    const title = containers.length === 1 ? 'Container:' : 'Containers:'
    return lines('Pod:', id) + (containers.length > 0 ? lines(title, ...containers, '') : '')
  })
  return [some('Volumes:', volumes), some('Secrets:', secrets), ...blocks].join('')
}

/** What is gone, as Podman says it. */
export const downText = ({ stopped, removed, secrets, volumes }: KubeDownReport): string =>
  lines('Pods stopped:', ...stopped, 'Pods removed:', ...removed) +
  lines('Secrets removed:', ...secrets, 'Volumes removed:', ...volumes)
