import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment, run, tempDir } from '@libpod/test-kit'
import type { ExecutionContext } from 'ava'
import {
  copyImage,
  type Digest,
  digestOf,
  isImageError,
  loadPolicy,
  mediaTypes,
  parseImageName,
  type SigstoreSignature,
} from '../../src/index.ts'
import { serializeSignature } from '../../src/signature/serialize.ts'

export type Verdict = 'accepted' | 'refused'

/** A policy's requirement and what an image has to meet it. */
export interface SignedCase {
  readonly requirement: object
  readonly signature?: SigstoreSignature
}

/** Verdicts by what the case is: those of Skopeo 1.22. */
export type Verdicts = Readonly<Record<string, readonly [Verdict, () => SignedCase]>>

const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
    layers: [],
  }),
)
export const manifestDigest: Digest = digestOf(manifest)

/** A test that we decide as is written down, and an installed skopeo that knows such policies does. */
export const verdictOf = (verdict: Verdict, make: () => SignedCase) => async (t: ExecutionContext) => {
  const directory = await tempDir(t)
  const { requirement, signature } = make()
  const image = join(directory, 'image')
  await writeImage(image, signature)
  const policy = join(directory, 'policy.json')
  await writeFile(policy, JSON.stringify({ default: [requirement] }))
  const ours = await decide(policy, image, join(directory, 'ours'))
  t.is(ours.verdict, verdict, ours.said)
  if (!(await skopeoKnows(directory, image))) return
  const theirs = await skopeo(policy, image, join(directory, 'theirs'))
  t.is(theirs.code === 0 ? 'accepted' : 'refused', verdict, theirs.stderr)
}

async function writeImage(image: string, signature: SigstoreSignature | undefined): Promise<void> {
  await mkdir(image)
  await writeFile(join(image, 'version'), 'Directory Transport Version: 1.1\n')
  await writeFile(join(image, 'manifest.json'), manifest)
  await writeFile(join(image, digestOf(config).slice('sha256:'.length)), config)
  if (signature !== undefined) await writeFile(join(image, 'signature-1'), serializeSignature(signature))
}

async function decide(path: string, image: string, target: string): Promise<{ verdict: Verdict; said: string }> {
  try {
    const policy = await loadPolicy(path)
    await copyImage(parseImageName(`dir:${image}`), parseImageName(`dir:${target}`), { policy })
    return { verdict: 'accepted', said: '' }
  } catch (error) {
    if (isImageError(error, 'POLICY_REJECTED', 'POLICY_INVALID'))
      return { verdict: 'refused', said: (error as Error).message }
    throw error
  }
}

const skopeo = (policy: string, image: string, target: string) =>
  run('skopeo', ['--policy', policy, 'copy', '-q', `dir:${image}`, `dir:${target}`], { env: plainEnvironment })

let known: Promise<boolean> | undefined

/** Whether policies may speak of certificates: before Skopeo 1.17 one that does is invalid. */
function skopeoKnows(directory: string, image: string): Promise<boolean> {
  known ??= askSkopeo(directory, image)
  return known
}

async function askSkopeo(directory: string, image: string): Promise<boolean> {
  const policy = join(directory, 'pki.json')
  const pki = { caRootsPath: '/nowhere', subjectEmail: 'x' }
  await writeFile(policy, JSON.stringify({ default: [{ type: 'sigstoreSigned', pki }] }))
  const { stderr } = await skopeo(policy, image, join(directory, 'asked'))
  return !stderr.includes('invalid policy')
}
