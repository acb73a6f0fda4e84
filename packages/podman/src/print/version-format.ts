import { versionShape } from '../shapes/info.ts'
import { goValue } from '../shapes/shape.ts'
import { formatObject } from './format.ts'

/** `{{.Client.Version}}`; there is no server, whose version is the client's; and `{{.Version}}` for those who leave out whose it is. @throws UsageError */
export function formatVersion(format: string, version: object): string {
  const report = goValue({ Client: version }, versionShape)
  try {
    return formatObject(format, report, 'version')
  } catch (error) {
    const { Client } = report as { readonly Client: object }
    try {
      return formatObject(format.replaceAll('.Server.', '.'), Client, 'version')
    } catch {
      throw error
    }
  }
}
