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
  type Signature,
} from '../../src/index.ts'
import { serializeSignature } from '../../src/signature/serialize.ts'

export type Verdict = 'accepted' | 'refused'

/** A policy's requirement and what an image has to meet it. */
export interface SignedCase {
  readonly requirement: object
  readonly signature?: Signature
}

/** Verdicts by what the case is: those of Skopeo 1.22, and of older ones that know the requirement. */
export type Verdicts = Readonly<Record<string, readonly [Verdict, () => SignedCase | Promise<SignedCase>]>>

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

/** A test that we decide as is written down, and the installed skopeo, too, if it knows such policies. */
export const verdictOf =
  (verdict: Verdict, make: () => SignedCase | Promise<SignedCase>) => async (t: ExecutionContext) => {
    const directory = await tempDir(t)
    const { requirement, signature } = await make()
    const image = join(directory, 'image')
    await writeImage(image, signature)
    const policy = join(directory, 'policy.json')
    await writeFile(policy, JSON.stringify({ default: [requirement] }))
    const ours = await decide(policy, image, join(directory, 'ours'))
    const theirs = await askSkopeo(directory, image)
    const said = `we: ${ours.said}\nskopeo: ${theirs.said}`
    t.deepEqual({ ours: ours.verdict, theirs: theirs.verdict ?? verdict }, { ours: verdict, theirs: verdict }, said)
  }

async function writeImage(image: string, signature: Signature | undefined): Promise<void> {
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

/** None of sigstore by Debian 12's, nor on a policy that is too new: before Skopeo 1.17 it may not speak of certificates. */
async function askSkopeo(directory: string, image: string): Promise<{ verdict: Verdict | undefined; said: string }> {
  const { code, stderr } = await skopeo(directory, 'policy.json', image)
  if (code === 0) return { verdict: 'accepted', said: stderr }
  if (stderr.includes('sigstore disabled')) return { verdict: undefined, said: stderr }
  const isUnknown = stderr.includes('invalid policy') && !(await skopeoKnows(directory, image))
  return { verdict: isUnknown ? undefined : 'refused', said: stderr }
}

const skopeo = (directory: string, policy: string, image: string) =>
  run('skopeo', ['--policy', join(directory, policy), 'copy', '-q', `dir:${image}`, `dir:${directory}/theirs`], {
    env: plainEnvironment,
  })

let known: Promise<boolean> | undefined

function skopeoKnows(directory: string, image: string): Promise<boolean> {
  known ??= tryCertificates(directory, image)
  return known
}

async function tryCertificates(directory: string, image: string): Promise<boolean> {
  const pki = { caRootsPath: '/nowhere', subjectEmail: 'x' }
  await writeFile(join(directory, 'pki.json'), JSON.stringify({ default: [{ type: 'sigstoreSigned', pki }] }))
  return !(await skopeo(directory, 'pki.json', image)).stderr.includes('invalid policy')
}
