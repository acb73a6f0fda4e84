import type { DriverName } from '../config/options.ts'
import type { Driver } from './driver.ts'
import type { DriverSettings } from './settings.ts'

/** Each driver's maker, loaded when it is the one. */
export const drivers: Readonly<Record<DriverName, (settings: DriverSettings) => Promise<Driver>>> = {
  overlay: async settings => {
    const { OverlayDriver, overlayOptions } = await import('./overlay/index.ts')
    return new OverlayDriver(overlayOptions(settings))
  },
  vfs: async settings => {
    const { VfsDriver } = await import('./vfs/index.ts')
    return new VfsDriver(settings)
  },
}
