import { readdirSync, readFileSync } from 'node:fs'
import { finish, type Side } from './measure.ts'
import { removeAll, smallImage } from './rows.ts'

const containers = 5

/** What stays in memory for a running container besides itself and its conmon: a sentence about both sides. */
export async function residents(sides: readonly Side[]): Promise<string> {
  const said: string[] = []
  for (const side of sides) {
    for (let number = 0; number < containers; number++)
      await finish(side, ['run', '--detach', '--network', 'none', smallImage, 'sleep', '600'])
    const kilobytes = processesOf(side).map(residentSize)
    const sum = kilobytes.reduce((total, one) => total + one, 0)
    said.push(`${side.name} ${Math.round(sum / containers)} KiB in ${kilobytes.length} processes`)
    await removeAll(side)
  }
  return `Per running container, beyond conmon and the container itself: ${said.join(', ')}.`
}

/** Processes that know of this side's store, conmon aside. */
function processesOf({ argv }: Side): readonly string[] {
  const root = argv[argv.indexOf('--root') + 1] ?? ''
  return readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    const [program = '', ...rest] = read(`/proc/${pid}/cmdline`).split('\0')
    return !program.endsWith('/conmon') && rest.some(word => word.startsWith(root))
  })
}

const residentSize = (pid: string): number => Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // it has ended
  }
}
