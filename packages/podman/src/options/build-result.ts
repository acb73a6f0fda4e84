import type { BuildResult, SbomOptions } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, choice, type FlagValues, int, list, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { yesNo } from '../cli/values.ts'
import { optionGroup } from './group.ts'
import { parsePairs } from './pairs.ts'
import { someOf } from './process.ts'

const sbomFlags = {
  sbom: string('scan working container using `preset` configuration'),
  'sbom-image-output': string('add scan results to image as `path`'),
  'sbom-image-purl-output': string('add scan results to image as `path`'),
  'sbom-merge-strategy': string('merge scan results using `strategy`'),
  'sbom-output': string('save scan results to `file`'),
  'sbom-purl-output': string('save scan results to `file`'),
  'sbom-scanner-command': list('scan working container using `command` in scanner image'),
  'sbom-scanner-image': string('scan working container using scanner command from `image`'),
}

/** What the image is like, and where it goes besides the store. */
export const buildResult = optionGroup({
  flags: {
    ...sbomFlags,
    annotation: list('set metadata for an image'),
    compress: bool('this is a legacy option, which has no effect on the image'),
    'created-annotation': choice('set an "org.opencontainers.image.created" annotation in the image', {
      shown: 'true',
    }),
    cw: string('confidential workload `options`'),
    'disable-compression': choice("don't compress layers by default", { short: 'D', shown: 'true' }),
    env: list('set environment variable for the image'),
    format: string(
      "`format` of the built image's manifest and metadata. Use BUILDAH_FORMAT environment variable to override.",
      { shown: '"oci"' },
    ),
    'identity-label': choice('add default identity label', { shown: 'true' }),
    'inherit-annotations': choice('inherit the annotations from the base image or base stages.', { shown: 'true' }),
    'inherit-labels': choice('inherit the labels from the base image or base stages.', { shown: 'true' }),
    label: list('set metadata for an image'),
    'layer-label': list('set metadata for an intermediate image'),
    manifest: string('add the image to the specified manifest list. Creates manifest list if it does not exist'),
    'omit-history': choice('omit build history information from built image'),
    output: list('output destination (format: type=local,dest=path)', { short: 'o' }),
    'rewrite-timestamp': choice('set timestamps in layers to no later than the value for --source-date-epoch'),
    'sign-by': string('sign the image using a GPG key with the specified `FINGERPRINT`'),
    'source-date-epoch': int('set new timestamps in image info to `seconds` after the epoch, defaults to current time'),
    tag: list('tagged `name` to apply to the built image', { short: 't' }),
    timestamp: int(
      'set new timestamps in image info and layer to `seconds` after the epoch, defaults to current times',
    ),
    unsetannotation: strings('unset annotation when inheriting annotations from base image'),
    unsetenv: strings('unset environment variable from final image'),
    unsetlabel: strings('unset label when inheriting labels from base image'),
  },
  toSpec(values): BuildResult {
    const { tag: tags, manifest } = values
    if (manifest && tags.slice(1).includes(manifest))
      throw new UsageError("the same name must not be specified for both '--tag' and '--manifest'")
    return defined({
      tags: someOf(tags),
      manifest: manifest || undefined,
      format: values.format ? formatOf(values.format) : undefined,
      outputs: someOf(values.output),
      labels: pairsOf(values.label),
      layerLabels: pairsOf(values['layer-label']),
      annotations: pairsOf(values.annotation),
      env: someOf(values.env),
      unsetEnv: someOf(values.unsetenv),
      unsetLabels: someOf(values.unsetlabel),
      unsetAnnotations: someOf(values.unsetannotation),
      inheritLabels: yesNo(values['inherit-labels']),
      inheritAnnotations: yesNo(values['inherit-annotations']),
      createdAnnotation: yesNo(values['created-annotation']),
      identityLabel: yesNo(values['identity-label']),
      omitHistory: yesNo(values['omit-history']),
      timestamp: values.timestamp,
      sourceDateEpoch: values['source-date-epoch'],
      rewriteTimestamp: yesNo(values['rewrite-timestamp']),
      disableCompression: yesNo(values['disable-compression']),
      signBy: values['sign-by'] || undefined,
      confidential: values.cw || undefined,
      sbom: sbomOf(values),
    })
  },
})

const pairsOf = (texts: readonly string[]) => (texts.length > 0 ? parsePairs(texts, 'label') : undefined)

function formatOf(text: string): 'oci' | 'docker' {
  const found = (['oci', 'docker'] as const).find(name => text.toLowerCase().startsWith(name))
  if (found === undefined) throw new UsageError(`unrecognized image type ${JSON.stringify(text)}`)
  return found
}

function sbomOf(values: FlagValues<typeof sbomFlags>): SbomOptions | undefined {
  const options: SbomOptions = defined({
    preset: values.sbom,
    scannerImage: values['sbom-scanner-image'],
    scannerCommands: someOf(values['sbom-scanner-command']),
    mergeStrategy: values['sbom-merge-strategy'],
    output: values['sbom-output'],
    imageOutput: values['sbom-image-output'],
    purlOutput: values['sbom-purl-output'],
    imagePurlOutput: values['sbom-image-purl-output'],
  })
  return Object.keys(options).length > 0 ? options : undefined
}
