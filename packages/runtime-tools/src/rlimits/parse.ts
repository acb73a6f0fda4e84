import type { LimitPair } from './rlimits.ts'

const rows: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
}

/** The limits in the text of /proc/PID/limits (proc(5)), by name; -1 is unlimited. */
export function parseProcLimits(text: string): Readonly<Record<string, LimitPair>> {
  const limits: Record<string, LimitPair> = {}
  for (const line of text.split('\n')) {
    const [, label, soft, hard] = /^(Max .*?) {2,}(\d+|unlimited) +(\d+|unlimited)/.exec(line) ?? []
    const name = rows[label ?? '']
    if (name !== undefined && soft !== undefined && hard !== undefined) {
      limits[name] = { soft: amount(soft), hard: amount(hard) }
    }
  }
  return limits
}

const amount = (word: string) => (word === 'unlimited' ? -1 : Number(word))
