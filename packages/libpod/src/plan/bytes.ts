const units = ['', 'k', 'm', 'g', 't', 'p']

/** Bytes of a size of containers.conf(5), such as `65536k`, in powers of 1000 as Podman reads them; undefined when it is none. */
export function bytesOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmgtp]?)b?$/i.exec(text.trim()) ?? []
  return digits === undefined ? undefined : Number(digits) * 1000 ** units.indexOf(unit.toLowerCase())
}
