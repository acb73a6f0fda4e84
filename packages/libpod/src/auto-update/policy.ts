import { isShortName } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { ContainerSpec } from '../spec/container.ts'

export const labels = {
  policy: 'io.containers.autoupdate',
  authFile: 'io.containers.autoupdate.authfile',
  unit: 'PODMAN_SYSTEMD_UNIT',
} as const

/** Where a newer image is looked for (podman-auto-update(1)). */
export type AutoUpdatePolicy = 'registry' | 'local'

const policies: Readonly<Record<string, AutoUpdatePolicy | 'disabled'>> = {
  disabled: 'disabled',
  image: 'registry',
  local: 'local',
  registry: 'registry',
}

/** The policy that a label names; nothing is no update. @throws LibpodError SPEC_INVALID */
export function readPolicy(word: string): AutoUpdatePolicy | 'disabled' {
  if (word === '') return 'disabled'
  const policy = Object.hasOwn(policies, word) ? policies[word] : undefined
  if (policy) return policy
  const valid = Object.keys(policies)
    .map(name => JSON.stringify(name))
    .join(' ')
  throw new LibpodError(
    'SPEC_INVALID',
    `invalid auto-update policy ${JSON.stringify(word)}: valid policies are [${valid}]`,
  )
}

const otherTransport = /^(containers-storage|dir|docker-archive|docker-daemon|oci|oci-archive|tarball):/

/** An image that is to be looked for in a registry needs a name that says which one. Pure. @throws LibpodError SPEC_INVALID */
export function refuseUnfindable({ image, labels: given = {} }: ContainerSpec): void {
  const word = given[labels.policy]
  if (image === undefined || (word !== 'registry' && word !== 'image')) return
  const transport = otherTransport.exec(image)?.[1]
  if (transport !== undefined)
    throw refusal(
      image,
      `auto updates require the docker image transport but image is of transport ${JSON.stringify(transport)}`,
    )
  if (!image.startsWith('docker://') && !/^[0-9a-f]{64}$/.test(image) && isShortName(image))
    throw refusal(image, `short name: auto updates require fully-qualified image reference: ${JSON.stringify(image)}`)
}

const refusal = (subject: string, message: string): LibpodError => new LibpodError('SPEC_INVALID', message, { subject })
