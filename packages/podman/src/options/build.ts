import type { BuildSpec } from '@libpod/libpod'
import type { FlagValues } from '../cli/flag.ts'
import { buildCourse } from './build-course.ts'
import { buildResult } from './build-result.ts'
import { buildSource } from './build-source.ts'
import { buildSteps } from './build-steps.ts'
import type { Caller } from './group.ts'

/** Every option of `build` that says what is built, and how. */
export const buildFlags = { ...buildSource.flags, ...buildResult.flags, ...buildSteps.flags, ...buildCourse.flags }

/** One pass from the command line to the engine's spec. */
export function buildSpec(
  values: FlagValues<typeof buildFlags>,
  context: string | undefined,
  caller: Caller,
): BuildSpec {
  return {
    ...(context === undefined ? {} : { context }),
    ...buildSource.toSpec(values, caller),
    ...buildResult.toSpec(values, caller),
    ...buildSteps.toSpec(values, caller),
    ...buildCourse.toSpec(values, caller),
  }
}
