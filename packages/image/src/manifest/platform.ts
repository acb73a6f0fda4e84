import type { PlatformChoice } from '../copy/options.ts'
import { ImageError } from '../errors.ts'
import type { Descriptor, Platform } from './descriptor.ts'

/** Go's names for what Node calls the machine. */
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  arm: 'arm',
  ppc64: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  mips: 'mips',
  mipsel: 'mipsle',
}
const systems: Readonly<Record<string, string>> = { win32: 'windows' }

/** Variants a machine can run, best first (image-spec image-index.md#platform-variants). */
const compatibleVariants: Readonly<Record<string, readonly string[]>> = {
  arm: ['v8', 'v7', 'v6', 'v5'],
  arm64: ['v8'],
  amd64: ['v4', 'v3', 'v2', 'v1'],
}
const defaultVariant: Readonly<Record<string, string>> = { arm64: 'v8', arm: 'v7' }

/** This machine's platform in the image world's words; images for other systems are never chosen by default. */
export function hostPlatform(): { readonly os: string; readonly architecture: string } {
  return {
    os: systems[process.platform] ?? (process.platform === 'darwin' ? 'linux' : process.platform),
    architecture: architectures[process.arch] ?? process.arch,
  }
}

/** Platforms to look for in an index, best first. */
export function wantedPlatforms(choice: PlatformChoice = {}): readonly Platform[] {
  const os = choice.os ?? hostPlatform().os
  const architecture = choice.architecture ?? hostPlatform().architecture
  return wantedVariants(architecture, choice.variant).map(variant => ({
    os,
    architecture,
    ...(variant !== '' && { variant }),
  }))
}

function wantedVariants(architecture: string, variant: string | undefined): readonly string[] {
  const order = compatibleVariants[architecture] ?? []
  const wanted = variant ?? (architecture === hostPlatform().architecture ? defaultVariant[architecture] : undefined)
  if (wanted === undefined || wanted === '') return architecture === 'amd64' ? ['', 'v1'] : ['', ...order]
  const from = order.indexOf(wanted)
  if (from < 0) return [wanted]
  return architecture === 'arm' ? [...order.slice(from), ''] : [...order.slice(from), '']
}

const matches = (found: Platform | undefined, wanted: Platform): boolean =>
  found?.os === wanted.os &&
  found.architecture === wanted.architecture &&
  (found.variant ?? '') === (wanted.variant ?? '')

/**
 * The instance of an index for a platform; among several for the best one, one in zstd wins, then the first.
 * @throws ImageError PLATFORM_UNAVAILABLE
 */
export function chooseInstance(manifests: readonly Descriptor[], choice: PlatformChoice = {}): Descriptor {
  for (const wanted of wantedPlatforms(choice)) {
    const found = manifests.filter(({ platform }) => matches(platform, wanted))
    const best = found.find(isZstd) ?? found[0]
    if (best !== undefined) return best
  }
  const os = choice.os ?? hostPlatform().os
  const architecture = choice.architecture ?? hostPlatform().architecture
  throw new ImageError(
    'PLATFORM_UNAVAILABLE',
    `no image found in manifest list for architecture "${architecture}", variant "${choice.variant ?? ''}", OS "${os}"`,
    { hint: `it has ${[...new Set(manifests.map(describe))].join(', ')}` },
  )
}

/** Says of an instance of an index that its layers are zstd's. */
export const zstdAnnotation = 'io.github.containers.compression.zstd'

const isZstd = ({ annotations }: Descriptor): boolean => annotations?.[zstdAnnotation] === 'true'

const describe = ({ platform }: Descriptor): string =>
  platform === undefined
    ? 'an instance without platform'
    : [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')
