import { LibpodError } from '../errors.ts'

/** The columns of ps(1)'s own formats, as descriptors of `top`. */
const full = ['user', 'pid', 'ppid', 'pcpu', 'stime', 'tty', 'time', 'args']
const userOriented = ['user', 'pid', 'pcpu', 'pmem', 'vsz', 'rss', 'tty', 'state', 'stime', 'time', 'args']
const short = ['pid', 'tty', 'time', 'comm']
const long = ['state', 'uid', 'pid', 'ppid', 'pcpu', 'nice', 'vsz', 'tty', 'time', 'comm']

/** Options that choose among all processes of the host: all of a container's are shown anyway. */
const selections = /^[AaedxwWHN]$/

/**
 * The descriptors that ps(1) options mean: `-ef`, `aux`, `-eo pid,comm`, `-o pid -o comm`. Undefined when the arguments are plain
 * descriptors. ps itself is never run, least of all the container's. @throws LibpodError SPEC_INVALID
 */
export function psDescriptors(args: readonly string[]): readonly string[] | undefined {
  const [first = ''] = args
  const bsd = args.length === 1 && /^[axuwlf]{2,}$/.test(first)
  if (!first.startsWith('-') && !bsd) return undefined
  if (bsd) return first.includes('u') ? userOriented : first.includes('l') ? long : short
  const asked: string[] = []
  let usual = short
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    const value = (): string => args[++at] ?? ''
    if (!word.startsWith('-')) asked.push(...listed(word))
    else if (word === '--format') asked.push(...listed(value()))
    else if (word.startsWith('--format=')) asked.push(...listed(word.slice('--format='.length)))
    else usual = letters(word, { asked, value, usual })
  }
  return asked.length > 0 ? asked : usual
}

interface Reading {
  readonly asked: string[]
  readonly value: () => string
  readonly usual: readonly string[]
}

function letters(word: string, { asked, value, usual }: Reading): string[] {
  let chosen = [...usual]
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? ''
    if (letter === 'o') {
      asked.push(...listed(word.slice(at + 1) || value()))
      return chosen
    }
    if (letter === 'f' || letter === 'F') chosen = full
    else if (letter === 'l') chosen = long
    else if (letter === 'u') chosen = userOriented
    else if (!selections.test(letter))
      throw new LibpodError('SPEC_INVALID', `unknown option of ps: ${word}`, {
        subject: word,
        hint: 'use -e, -f, -l, aux or -o with descriptors',
      })
  }
  return chosen
}

const listed = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean)
