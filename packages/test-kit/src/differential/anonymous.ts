import { join } from 'node:path'

export interface Whose {
  readonly id: string
  readonly graphRoot: string
  readonly runRoot: string
  readonly driver: string
}

/** crun gives /dev/null, as a standard stream, to the user of a container that it makes: for a moment also one of another test. */
const ownedNull = /("path":"\/dev\/null"[^}]*"uid":)\d+(,"gid":)\d+/g

/** A spec's text with the paths and ids of one engine and one container replaced by words. */
export function anonymous(text: string, { id, graphRoot, runRoot, driver }: Whose): string {
  return text
    .replaceAll(join(graphRoot, `${driver}-containers`, id, 'userdata'), 'DATA')
    .replaceAll(join(runRoot, `${driver}-containers`, id, 'userdata'), 'RUN')
    .replace(new RegExp(`${join(graphRoot, driver)}/(dir/)?[0-9a-z]{64}(/merged)?`, 'g'), 'ROOT')
    .replaceAll(graphRoot, 'GRAPH')
    .replaceAll(runRoot, 'RUNROOT')
    .replaceAll(id, 'ID')
    .replaceAll(id.slice(0, 32), 'ID32')
    .replaceAll(id.slice(0, 12), 'ID12')
    .replace(/\/volumes\/[0-9a-f]{64}\//g, '/volumes/ANONYMOUS/')
    .replace(ownedNull, '$10$20')
}
