import { type CdiAdditions, isCdiName, readCdiSpecs, resolveCdiDevices } from '@libpod/runtime-tools'
import type { ResolvedOptions } from '../engine.ts'
import type { SecuritySpec } from '../spec/security.ts'

const nothing: CdiAdditions = { env: [], devices: [], mounts: [], hooks: {}, additionalGids: [] }

/** The CDI names among the devices that were asked for, GPUs included (podman-run(1), --device, --gpus). */
export const cdiNames = ({ devices = [], gpus = [] }: SecuritySpec): readonly string[] => [
  ...devices.map(({ hostPath }) => hostPath).filter(isCdiName),
  ...gpus.map(gpu => `nvidia.com/gpu=${gpu}`),
]

/** What those add to a container, by the CDI files of the host; a file that is broken does not keep the others from being used. */
export async function cdiAdditions(
  security: SecuritySpec,
  { cdiSpecDirs }: Pick<ResolvedOptions, 'cdiSpecDirs'>,
): Promise<CdiAdditions> {
  const names = cdiNames(security)
  if (names.length === 0) return nothing
  const { parse } = await import('yaml')
  const specs = await readCdiSpecs(cdiSpecDirs, { parseYaml: text => parse(text), invalid: 'skip' })
  return resolveCdiDevices(names, specs)
}
