import test from 'ava'
import * as flag from '../../src/cli/flag.ts'
import { parseFlags } from '../../src/cli/parse.ts'

const flags = {
  all: flag.bool('', { short: 'a' }),
  interactive: flag.bool('', { short: 'i' }),
  tty: flag.bool('', { short: 't' }),
  last: flag.int('', { short: 'n', default: -1 }),
  name: flag.string(''),
  filter: flag.list('', { short: 'f' }),
  dns: flag.strings(''),
  time: flag.duration(''),
}

const parse = (line: string, flagsStand: 'anywhere' | 'before' = 'anywhere') =>
  parseFlags(line.split(' ').filter(Boolean), flags, { flagsStand })
const complaint = (line: string) => {
  try {
    parse(line)
    return 'accepted'
  } catch (error) {
    return error instanceof Error ? error.message : 'not an error'
  }
}

test('flags stand anywhere, in clusters, with or without equals signs', t => {
  const { values, args, given } = parse('one -it --name=x two -n 3 --dns a,b --dns c -f=q --all=false')
  t.deepEqual(args, ['one', 'two'])
  t.like(values, { interactive: true, tty: true, name: 'x', last: 3, dns: ['a', 'b', 'c'], filter: ['q'], all: false })
  t.deepEqual([...given].sort(), ['all', 'dns', 'filter', 'interactive', 'last', 'name', 'tty'])
})

test('what was not given has its default', t => {
  t.like(parse('').values, { all: false, last: -1, name: undefined, dns: [] })
})

test('two dashes end the flags; the first argument does when asked', t => {
  t.deepEqual(parse('a -- -a').args, ['a', '-a'])
  t.deepEqual(parse('-a sh -c -a', 'before').args, ['sh', '-c', '-a'])
  t.deepEqual(parse('-a -- -x y', 'before').args, ['-x', 'y'])
  t.deepEqual(parse('-', 'before').args, ['-'])
})

test('a short flag takes the rest of its word or the next one', t => {
  t.is(parse('-n5').values.last, 5)
  t.is(parse('-an=-5').values.last, -5)
  t.deepEqual(parse('-afstatus=x -f y').values.filter, ['status=x', 'y'])
})

test('complaints are worded as Podman words them', t => {
  t.is(complaint('--foo'), 'unknown flag: --foo')
  t.is(complaint('-Z'), "unknown shorthand flag: 'Z' in -Z")
  t.is(complaint('--last'), 'flag needs an argument: --last')
  t.is(complaint('-n'), "flag needs an argument: 'n' in -n")
  t.is(complaint('-n x'), 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax')
  t.is(
    complaint('--all=maybe'),
    'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  )
  t.is(complaint('--time 5'), 'invalid argument "5" for "--time" flag: time: missing unit in duration "5"')
  t.is(complaint('---x'), 'bad flag syntax: ---x')
})
