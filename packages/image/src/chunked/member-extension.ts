import { paxRecords } from '../tar/extension.ts'
import type { MemberExtension } from './toc-entry.ts'

/** What a pax header (x) or a GNU long name (L) or link (K) says of the member after it. */
export function readMemberExtension(type: string, body: Buffer): MemberExtension {
  if (type === 'x') return { pax: paxRecords(body) }
  const end = body.indexOf(0)
  const text = end < 0 ? body : body.subarray(0, end)
  return type === 'L' ? { name: text } : { link: text }
}
