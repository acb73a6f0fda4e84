// Signs an image while it is copied, then lets it in only with its own key; and shows the policy.
import {
  composeImage,
  copyImage,
  describePolicy,
  generateCosignKey,
  insecureAcceptAnything,
  parseImageName,
  parsePolicy,
  readCosignKey,
  sigstoreSigner,
} from '@libpod/image'

const signed = parseImageName(`dir:${process.env.DIRECTORY}-signed`)
const { privateKey, publicKey } = generateCosignKey('passphrase')
const signBy = [sigstoreSigner(readCosignKey(privateKey, 'passphrase'))]
const signing = { policy: insecureAcceptAnything, signBy, signIdentity: 'example.com/team/app:1' }
await copyImage(composeImage({ layers: [[{ path: 'etc/motd', content: 'hello\n' }]] }), signed, signing)

for (const key of [publicKey, generateCosignKey('another').publicKey]) {
  const signedIdentity = { type: 'exactReference', dockerReference: 'example.com/team/app:1' }
  const wanted = [{ type: 'sigstoreSigned', keyData: Buffer.from(key).toString('base64'), signedIdentity }]
  const policy = parsePolicy(JSON.stringify({ default: [{ type: 'reject' }], transports: { dir: { '': wanted } } }))
  const copied = copyImage(signed, parseImageName(`dir:${process.env.DIRECTORY}-copy`), { policy })
  const verdict = copied.then(
    ({ digest }) => digest.slice(0, 7),
    error => error.code,
  )
  console.log(await verdict, (await describePolicy(policy)).map(row => row.type).join(' '))
}
