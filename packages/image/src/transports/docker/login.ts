import type { Call } from '../../call.ts'
import { ImageError, isImageError } from '../../errors.ts'
import type { AccessOptions, Credentials } from '../transport.ts'
import { openRegistry } from './list.ts'
import { registryError } from './registry-error.ts'

/**
 * Tries credentials against a registry.
 * @throws ImageError UNAUTHORIZED, REGISTRY_UNREACHABLE
 */
export async function checkLogin(
  registry: string,
  credentials: Credentials,
  access: AccessOptions = {},
  call: Call = {},
): Promise<void> {
  const doing = `authenticating creds for ${JSON.stringify(registry)}`
  await using client = await openRegistry(registry, { ...access, credentials }, call).catch((error: unknown) => {
    if (!isImageError(error, 'REGISTRY_UNREACHABLE')) throw error
    throw new ImageError(error.code, `${doing}: ${error.message}`, { cause: error, subject: registry })
  })
  const response = await client.send('/v2/', { method: 'GET' }, call)
  if (response.statusCode === 200) {
    await response.body.dump()
    return
  }
  if (response.statusCode === 401) {
    await response.body.dump()
    throw new ImageError('UNAUTHORIZED', `logging into ${JSON.stringify(registry)}: invalid username/password`, {
      subject: registry,
      status: 401,
    })
  }
  throw await registryError(response, doing, 'REGISTRY_ERROR')
}
