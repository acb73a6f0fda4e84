const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const version4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)

/** What `node:net` says of an address, which costs every command that asks it a twentieth of its time: streams come with it. */
export function isIP(text: string): 0 | 4 | 6 {
  if (version4.test(text)) return 4
  const address = text.replace(/%[\w.:-]+$/, '')
  return /^[\da-f:.]+$/i.test(address) && address.includes(':') && URL.canParse(`http://[${address}]`) ? 6 : 0
}
