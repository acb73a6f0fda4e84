import { resolve } from 'node:path'
import type { BuildPlatforms, BuildSource } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, list, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { readVariables } from './environment.ts'
import { optionGroup } from './group.ts'
import { parsePairs } from './pairs.ts'
import { someOf } from './process.ts'

/** What an image is built from, and for which machines. */
export const buildSource = optionGroup({
  flags: {
    'all-platforms': bool('attempt to build for all base image platforms'),
    arch: string('set the ARCH of the image to the provided value instead of the architecture of the host'),
    'build-arg': list('`argument=value` to supply to the builder'),
    'build-arg-file': list('`argfile.conf` containing lines of argument=value to supply to the builder'),
    'build-context': list('`argument=value` to supply additional build context to the builder'),
    'cpp-flag': list('set additional flag to pass to C preprocessor (cpp)'),
    file: strings('`pathname or URL` of a Dockerfile', { short: 'f' }),
    from: string('image name used to replace the value in the first FROM instruction in the Containerfile'),
    ignorefile: string('path to an alternate .dockerignore file'),
    os: string('set the OS to the provided value instead of the current operating system of the host'),
    'os-feature': list('set required OS `feature` for the target image in addition to values from the base image'),
    'os-version': string('set required OS `version` for the target image instead of the value from the base image'),
    platform: strings('set the `OS/ARCH[/VARIANT]` of the image to the provided value instead of those of the host'),
    secret: list('secret file to expose to the build'),
    ssh: list('SSH agent socket or keys to expose to the build. (format: default|<id>[=<socket>|<key>[,<key>]])'),
    target: string('set the target build stage to build'),
    variant: string('override the `variant` of the specified image'),
  },
  toSpec(values, caller): Omit<BuildSource, 'context'> & BuildPlatforms {
    if (values.platform.length > 0 && (values.arch || values.os || values.variant))
      throw new UsageError('invalid --platform may not be used with --os, --arch, or --variant')
    const args = readVariables(values['build-arg-file'], values['build-arg'], {
      ...caller,
      readText: path => caller.readText(resolve(caller.directory, path)),
    })
    const contexts = values['build-context']
    const odd = contexts.find(text => text.indexOf('=') < 1)
    if (odd !== undefined)
      throw new UsageError(`while parsing additional build context: ${odd}, accepts value in the form of key=value`)
    return defined({
      files: someOf(values.file),
      args: Object.keys(args).length > 0 ? args : undefined,
      contexts: contexts.length > 0 ? parsePairs(contexts, 'build context') : undefined,
      from: values.from || undefined,
      target: values.target || undefined,
      ignoreFile: values.ignorefile ? resolve(caller.directory, values.ignorefile) : undefined,
      cppFlags: someOf(values['cpp-flag']),
      secrets: someOf(values.secret),
      ssh: someOf(values.ssh),
      platforms: someOf(values.platform),
      allPlatforms: values['all-platforms'] ? ('yes' as const) : undefined,
      os: values.os || undefined,
      architecture: values.arch || undefined,
      variant: values.variant || undefined,
      osVersion: values['os-version'] || undefined,
      osFeatures: someOf(values['os-feature']),
    })
  },
})
