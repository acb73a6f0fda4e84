import { existsSync } from 'node:fs'
import { capabilityNames, mergeCapabilities } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import { ownWords } from '../plan/contradictions.ts'
import { askedCapabilities } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'

const logDrivers = ['k8s-file', 'json-file', 'journald', 'none', 'passthrough', 'passthrough-tty']

const refuse = (message: string, subject: string) => new LibpodError('SPEC_INVALID', message, { subject })

/** Refuses what containers.conf has for every container and none can have, where the spec leaves it to that. @throws LibpodError SPEC_INVALID */
export function refuseMisconfigured(spec: ContainerSpec, { config, options }: Pick<Rooms, 'config' | 'options'>): void {
  const { sysctls, env, seccompProfile } = config.containers
  const { security = {}, log = {} } = spec
  for (const text of sysctls)
    if (!text.includes('=')) throw refuse(`${text} is invalid, sysctl values must be in the form of KEY=VALUE`, text)
  for (const text of env)
    if (text.startsWith('='))
      throw refuse(`parsing fields in containers.conf: invalid variable: ${JSON.stringify(text)}`, text)
  if (log.driver === undefined && !logDrivers.includes(options.logDriver))
    throw refuse(`invalid log driver ${JSON.stringify(options.logDriver)}: invalid argument`, options.logDriver)
  if (
    security.seccomp === undefined &&
    seccompProfile &&
    seccompProfile !== 'unconfined' &&
    !existsSync(seccompProfile)
  )
    throw refuse(`opening seccomp profile failed: open ${seccompProfile}: no such file or directory`, seccompProfile)
  ownWords(() => mergeCapabilities(askedCapabilities(security, config.containers), capabilityNames))
}
