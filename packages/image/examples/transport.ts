// A transport of one's own: `team:app:1` is an image of the team's registry, read only.
import { inspectImage, parseImageName, type Transport } from '@libpod/image'

const registry = process.env.REGISTRY ?? 'registry.example.com'
const team: Transport = {
  name: 'team',
  parse(text) {
    const { openDestination: _, ...image } = parseImageName(`docker://${registry}/team/${text}`)
    return { ...image, transport: 'team', text }
  },
}
console.log((await inspectImage(parseImageName('team:app:1', [team]))).digest)
