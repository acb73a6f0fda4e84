// Puts a file and a label on top of an image of a registry, in the registry: no root, no store, no layer downloaded.
import { composeImage, copyImage, loadPolicy, parseDockerReference, parseImageName } from '@libpod/image'

const name = process.env.IMAGE ?? 'registry.example.com/team/app:1'
const image = composeImage({
  base: parseImageName(`docker://${name}`),
  layers: [[{ path: 'srv/page.html', content: '<h1>Hello</h1>', uid: 33 }]],
  config: { Labels: { stage: 'production' } },
})
const to = parseImageName(`docker://${process.env.TARGET ?? 'registry.example.com/team/site:1'}`)
const destination = { mountFrom: [parseDockerReference(name).path] }
const { digest } = await copyImage(image, to, { policy: await loadPolicy(), destination })
console.log(digest)
