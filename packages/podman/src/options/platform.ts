import { defined } from '../cli/defined.ts'
import { string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'

interface Platform {
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
}

/** Which of an image's platforms is meant. */
export const platform = optionGroup({
  flags: {
    arch: string('use `ARCH` instead of the architecture of the machine for choosing images'),
    os: string('use `OS` instead of the running OS for choosing images'),
    platform: string('Specify the platform for selecting the image.  (Conflicts with --arch and --os)'),
    variant: string('Use VARIANT instead of the running architecture variant for choosing images'),
  },
  toSpec(values): { readonly platform?: Platform } {
    if (values.platform && (values.arch || values.os))
      throw new UsageError('--platform option can not be specified with --arch or --os')
    const whole = values.platform ? parsePlatform(values.platform) : {}
    const chosen: Platform = {
      ...whole,
      ...defined({
        os: values.os || undefined,
        architecture: values.arch || undefined,
        variant: values.variant || undefined,
      }),
    }
    return Object.keys(chosen).length > 0 ? { platform: chosen } : {}
  },
})

/** `os/arch[/variant]`. */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture, variant, ...more] = text.split('/')
  if (os === '' || more.length > 0)
    throw new UsageError(`invalid platform syntax for --platform="${text}"; use OS[/ARCH[/VARIANT]]`)
  return { os, ...defined({ architecture: architecture || undefined, variant: variant || undefined }) }
}
