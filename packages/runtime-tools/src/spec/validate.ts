import { capabilityNames } from '../capabilities/names.ts'
import { rlimitNames } from '../rlimits/rlimits.ts'
import type { Spec } from './spec.ts'

/** One thing that is wrong with a spec. */
export interface SpecProblem {
  /** JSON pointer, such as `/process/cwd`; empty for the whole. */
  readonly path: string
  readonly message: string
}

/**
 * What is wrong with a spec: its shape (JSON Schema of the runtime specification 1.2) and, when that is right, what the
 * specification says in words. An empty list means that a runtime will understand it.
 */
export async function validateSpec(spec: unknown): Promise<readonly SpecProblem[]> {
  const shape = await shapeProblems(spec)
  return shape.length > 0 ? shape : meaningProblems(spec as Spec)
}

async function shapeProblems(spec: unknown): Promise<readonly SpecProblem[]> {
  const { checkSpec } = await import('../schema/checkers.ts')
  return checkSpec(spec)
}

/** Rules of the specification that a schema cannot say. */
export function meaningProblems(spec: Spec): readonly SpecProblem[] {
  return [...processProblems(spec), ...namespaceProblems(spec), ...mountProblems(spec), ...resourceProblems(spec)]
}

const problem = (path: string, message: string): SpecProblem => ({ path, message })
const when = (wrong: boolean, path: string, message: string) => (wrong ? [problem(path, message)] : [])

function processProblems({ process }: Spec): readonly SpecProblem[] {
  if (!process) return []
  const { consoleSize, terminal, args = [], rlimits = [] } = process
  const limits = rlimits.map(limit => limit.type)
  return [
    ...when(args.length === 0, '/process/args', 'there is no program to run'),
    ...when(consoleSize !== undefined && terminal !== true, '/process/consoleSize', 'there is no terminal'),
    ...repeated(limits).map(type => problem('/process/rlimits', `${type} is given twice`)),
    ...limits
      .filter(type => !rlimitNames.some(name => `RLIMIT_${name.toUpperCase()}` === type))
      .map(type => problem('/process/rlimits', `${type} is not known`)),
    ...rlimits
      .filter(limit => limit.soft > limit.hard)
      .map(limit => problem('/process/rlimits', `the soft limit of ${limit.type} is above the hard one`)),
    ...capabilityProblems(process.capabilities ?? {}),
  ]
}

function capabilityProblems(sets: NonNullable<NonNullable<Spec['process']>['capabilities']>): readonly SpecProblem[] {
  const unknown = Object.entries(sets).flatMap(([set, names]) => {
    const wrong = (names as readonly string[]).filter(name => !capabilityNames.includes(name))
    return wrong.map(name => problem(`/process/capabilities/${set}`, `${name} is not known`))
  })
  const { permitted = [], inheritable = [], ambient = [] } = sets
  const stray = ambient.filter(name => !permitted.includes(name) || !inheritable.includes(name))
  const reason = 'is not permitted and inheritable, so it cannot be ambient'
  return [...unknown, ...stray.map(name => problem('/process/capabilities/ambient', `${name} ${reason}`))]
}

function namespaceProblems({ linux, hostname, domainname }: Spec): readonly SpecProblem[] {
  const types = (linux?.namespaces ?? []).map(entry => entry.type)
  const has = (type: (typeof types)[number]) => types.includes(type)
  const mapped = (linux?.uidMappings?.length ?? 0) + (linux?.gidMappings?.length ?? 0) > 0
  return [
    ...repeated(types).map(type => problem('/linux/namespaces', `the ${type} namespace is given twice`)),
    ...when(hostname !== undefined && !has('uts'), '/hostname', 'there is no uts namespace to set it in'),
    ...when(domainname !== undefined && !has('uts'), '/domainname', 'there is no uts namespace to set it in'),
    ...when(mapped && !has('user'), '/linux/uidMappings', 'there is no user namespace to map ids in'),
    ...when(linux?.timeOffsets !== undefined && !has('time'), '/linux/timeOffsets', 'there is no time namespace'),
  ]
}

function mountProblems({ mounts = [] }: Spec): readonly SpecProblem[] {
  return mounts.flatMap((mount, at) => {
    const bind =
      mount.type === 'bind' || mount.options?.some(option => option === 'bind' || option === 'rbind') === true
    return [
      ...when(!mount.destination.startsWith('/'), `/mounts/${at}/destination`, 'the path is not absolute'),
      ...when(bind && !mount.source, `/mounts/${at}/source`, 'a bind mount needs a source'),
    ]
  })
}

function resourceProblems({ linux }: Spec): readonly SpecProblem[] {
  const { memory, cpu } = linux?.resources ?? {}
  const { limit = -1, swap = -1, reservation = -1 } = memory ?? {}
  const where = '/linux/resources'
  return [
    ...when(limit > 0 && swap > 0 && swap < limit, `${where}/memory/swap`, 'memory and swap is below memory alone'),
    ...when(limit > 0 && reservation > limit, `${where}/memory/reservation`, 'it is above the limit'),
    ...when((cpu?.period ?? 1) === 0, `${where}/cpu/period`, 'it is zero'),
  ]
}

const repeated = (names: readonly string[]) => [...new Set(names.filter((name, at) => names.indexOf(name) < at))]
