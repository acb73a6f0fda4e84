import { CniError } from '../errors.ts'
import { isText, isTextList, parseObject } from '../json.ts'
import { pluginEnvironment } from '../plugin/environment.ts'
import { executePlugin, type PluginOptions } from '../plugin/execute.ts'
import { supportedVersions } from '../version.ts'

/** Versions of the specification that a plugin speaks. */
export interface PluginVersions {
  readonly cniVersion: string
  readonly supportedVersions: readonly string[]
}

/**
 * VERSION: asks a plugin what it speaks. One that does not know the question speaks 0.1.0.
 * @throws CniError PLUGIN_MISSING, PLUGIN_FAILED, PLUGIN_OUTPUT_INVALID
 */
export async function version(type: string, options: PluginOptions): Promise<PluginVersions> {
  const nobody = { containerId: '', netns: 'dummy', ifName: 'dummy' }
  // Plugins older than the question want these set before they say so.
  const env = { ...pluginEnvironment('VERSION', nobody, options), CNI_PATH: 'dummy' }
  const stdin = Buffer.from(JSON.stringify({ cniVersion: supportedVersions.at(-1) }))
  try {
    return readVersions(type, await executePlugin(type, { env, stdin }, options))
  } catch (error) {
    if (error instanceof CniError && /unknown CNI_COMMAND/i.test(error.message)) {
      return { cniVersion: '0.1.0', supportedVersions: ['0.1.0'] }
    }
    throw error
  }
}

function readVersions(type: string, stdout: Uint8Array): PluginVersions {
  const { cniVersion, supportedVersions } = parseObject(stdout) ?? {}
  if (isText(cniVersion) && isTextList(supportedVersions)) return { cniVersion, supportedVersions }
  if (isText(cniVersion) && supportedVersions === undefined && /^0\.[12]\.0$/.test(cniVersion)) {
    return { cniVersion, supportedVersions: ['0.1.0', '0.2.0'] }
  }
  throw new CniError('PLUGIN_OUTPUT_INVALID', `plugin "${type}" gave no list of versions`, { subject: type })
}
