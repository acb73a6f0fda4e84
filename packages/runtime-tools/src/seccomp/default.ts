import profile from './default-profile.json' with { type: 'json' }
import type { SeccompProfile } from './profile.ts'

/**
 * The built-in profile: what ordinary programs need is allowed, what needs a capability is allowed with it, the rest does
 * not exist (ENOSYS) or is refused (EPERM) where programs would take absence for an old kernel.
 */
export const defaultSeccompProfile = (): SeccompProfile => profile as SeccompProfile
