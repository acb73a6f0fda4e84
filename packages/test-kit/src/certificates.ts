import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from './programs.ts'

/** Files of one certificate and its key, PEM. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** An authority of the test's own. */
export interface Authority {
  /** Its certificate, PEM file. */
  readonly certificate: string
  /** Makes a certificate for `name`; `alternatives` as openssl spells them: `DNS:a.example.com,IP:127.0.0.1`. */
  issue(name: string, alternatives: string): Promise<Certificate>
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Makes an authority whose files lie in `directory`. */
export async function makeAuthority(directory: string): Promise<Authority> {
  const [key, certificate] = [join(directory, 'authority.key'), join(directory, 'authority.crt')]
  const own = ['-x509', '-days', '2', '-subj', '/CN=authority for tests', '-keyout', key, '-out', certificate]
  await output('openssl', ['req', ...curve, ...own])
  let serial = 1
  const issue = async (name: string, alternatives: string): Promise<Certificate> => {
    const file = (ending: string): string => join(directory, `${name}.${ending}`)
    const [leaf, request, extensions] = [file('key'), file('csr'), file('ext')]
    await output('openssl', ['req', ...curve, '-subj', `/CN=${name}`, '-keyout', leaf, '-out', request])
    await writeFile(extensions, `subjectAltName=${alternatives}\n`)
    const signing = ['-CA', certificate, '-CAkey', key, '-set_serial', String(serial++), '-extfile', extensions]
    await output('openssl', ['x509', '-req', '-in', request, ...signing, '-days', '2', '-out', file('pem')])
    return { certificate: file('pem'), key: leaf }
  }
  return { certificate, issue }
}
