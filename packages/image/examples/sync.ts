// Keeps copies of a repository's releases in directories, and goes on when one of them fails.
import { formatImageName, loadPolicy, parseDockerReference, syncImages } from '@libpod/image'

const repository = parseDockerReference(process.env.REPOSITORY ?? 'registry.example.com/team/app')
const directory = process.env.DIRECTORY ?? '/srv/images'
const options = { policy: await loadPolicy(), images: 'all', failures: 'collect' } as const
for (const { to, digest, error } of await syncImages({ repository, tags: /^[0-9]/ }, { directory }, options))
  console.log(formatImageName(to), digest ?? error)
