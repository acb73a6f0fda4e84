import type { ListChanges } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { list, string, strings } from '../cli/flag.ts'
import { parseAnnotations } from './annotations.ts'
import { optionGroup } from './group.ts'

/** What is said of one entry of a manifest list. */
export const listEntry = optionGroup({
  flags: {
    annotation: list('set an `annotation` for the specified image or artifact'),
    arch: string('override the `architecture` of the specified image or artifact'),
    features: strings('override the `features` of the specified image or artifact'),
    os: string('override the `OS` of the specified image or artifact'),
    'os-version': string('override the OS `version` of the specified image or artifact'),
    variant: string('override the `Variant` of the specified image or artifact'),
  },
  toSpec(values): ListChanges {
    return defined({
      annotations: values.annotation.length > 0 ? parseAnnotations(values.annotation) : undefined,
      architecture: values.arch || undefined,
      features: values.features.length > 0 ? values.features : undefined,
      os: values.os || undefined,
      osVersion: values['os-version'] || undefined,
      variant: values.variant || undefined,
    })
  },
})
