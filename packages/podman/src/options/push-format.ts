import { UsageError } from '../cli/usage-error.ts'

/** The manifest type that `--format` asks for; undefined: as it is. */
export function parsePushFormat(text: string | undefined): 'oci' | 'v2s2' | 'v2s1' | undefined {
  return text === 'v2s1' ? text : formatOf(text, "Choose on of the supported formats: 'oci', 'v2s1', or 'v2s2'")
}

/** That of a list, which schema 1 has none of. */
export const parseListFormat = (text: string | undefined): 'oci' | 'v2s2' | undefined =>
  formatOf(text, "Choose one of the supported formats: 'oci' or 'v2s2'")

/** `choice` is what is said of any other. */
function formatOf(text: string | undefined, choice: string): 'oci' | 'v2s2' | undefined {
  if (text === undefined || text === '') return undefined
  if (text === 'oci') return 'oci'
  if (text === 'v2s2' || text === 'docker') return 'v2s2'
  throw new UsageError(`unknown format ${JSON.stringify(text)}. ${choice}`)
}
