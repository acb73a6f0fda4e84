import { askLine, askSecret } from './ask.ts'
import type { Terminal } from './terminal.ts'

/** `name:password`, of which the user is asked for what is lacking (podman-push(1), `--creds`). */
export async function askForRest(credentials: string, io: Terminal): Promise<string> {
  const colon = credentials.indexOf(':')
  const [name, password] = colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)]
  const username = name || (await askLine('Username: ', io))
  return `${username}:${password || (await askSecret('Password: ', io))}`
}
