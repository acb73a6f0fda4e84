import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Lockfile } from '@libpod/storage'
import { LibpodError } from '../../errors.ts'
import { absent, replaceFile } from '../database.ts'
import type { SecretDriver } from './driver.ts'

/** `secretsdata.json` below the directory of option `path`: ids and base64, mode 0600. */
export function fileDriver(options: Readonly<Record<string, string>>, secretsDirectory: string): SecretDriver {
  const directory = options.path ?? join(secretsDirectory, 'filedriver')
  const path = join(directory, 'secretsdata.json')
  const lock = new Lockfile(join(directory, 'secretsdata.lock'))
  const read = async (): Promise<Map<string, string>> => {
    const text = await readFile(path, 'utf8').catch(absent)
    return new Map(Object.entries(text ? (JSON.parse(text) as Record<string, string>) : {}))
  }
  const change = async (edit: (data: Map<string, string>) => void): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await lock.hold('write', async () => {
      const data = await read()
      edit(data)
      await replaceFile(path, JSON.stringify(Object.fromEntries(data), null, 2))
    })
  }
  return {
    options: { path: directory },
    store: (id, bytes) => change(data => data.set(id, Buffer.from(bytes).toString('base64'))),
    remove: id => change(data => data.delete(id)),
    async lookup(id) {
      const text = (await read()).get(id)
      if (text === undefined) throw new LibpodError('SECRET_UNKNOWN', `no such secret data: ${id}`, { subject: id })
      return Buffer.from(text, 'base64')
    },
  }
}
