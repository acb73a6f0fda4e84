import { UsageError } from '../cli/usage-error.ts'

/** The manifest type that `--format` asks for; undefined: as it is. `choice` is what is said of any other. */
export function parsePushFormat(text: string | undefined, choice: string): 'oci' | 'v2s2' | 'v2s1' | undefined {
  if (text === undefined || text === '') return undefined
  if (text === 'oci') return 'oci'
  if (text === 'v2s2' || text === 'docker') return 'v2s2'
  if (text === 'v2s1') return text
  throw new UsageError(`unknown format ${JSON.stringify(text)}. ${choice}`)
}
