import type { Spec } from './spec.ts'

/** The newest version of the runtime specification that the types describe. */
export const newestVersion = '1.2.0'

/**
 * The lowest version that knows every field of a spec. Runtimes refuse versions newer than their own, though most specs
 * use nothing new.
 */
export function lowestVersion(spec: Omit<Spec, 'ociVersion'>): string {
  if (needs12(spec)) return '1.2.0'
  return needs11(spec) ? '1.1.0' : '1.0.2'
}

function needs12(spec: Omit<Spec, 'ociVersion'>): boolean {
  return spec.process?.execCPUAffinity !== undefined
}

function needs11(spec: Omit<Spec, 'ociVersion'>): boolean {
  const { linux, process } = spec
  return (
    spec.domainname !== undefined ||
    linux?.timeOffsets !== undefined ||
    linux?.namespaces?.some(entry => entry.type === 'time') === true ||
    spec.mounts?.some(mount => mount.uidMappings !== undefined) === true ||
    process?.scheduler !== undefined ||
    process?.ioPriority !== undefined ||
    linux?.resources?.cpu?.burst !== undefined ||
    linux?.resources?.cpu?.idle !== undefined
  )
}
