import { exactLimit } from '@libpod/runtime-tools'
import { pidsLimitOf, planResources } from '../plan/resources.ts'
import type { ProcessSpec } from '../spec/process.ts'
import type { ContainerSource, Generated } from './source.ts'

/** Limits as the OCI runtime has them; which devices may be used is the kernel's to say in a user namespace. */
export function resourceLimits({ record, defaults, deviceRules, deviceNumbers }: ContainerSource): Generated {
  const { spec, idMappings } = record.config
  const everyDevice = spec.security?.privileged === 'yes' || idMappings !== undefined
  return {
    ...(!everyDevice && { devices: [{ allow: false, access: 'rwm' }, ...deviceRules] }),
    ...planResources(spec.resources ?? {}, { pidsLimit: pidsLimitOf(record.config, defaults) }, deviceNumbers),
  }
}

/** Those that were asked for, under the names that the command line has for them. */
export const rlimitsOf = ({ rlimits = [] }: ProcessSpec): readonly Generated[] =>
  rlimits
    .filter(({ type }) => type !== 'host')
    .map(({ type, soft, hard }) => ({
      type,
      hard: exactLimit(hard),
      soft: exactLimit(soft),
    }))
