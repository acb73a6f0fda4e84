import { RuntimeToolsError } from '../errors.ts'
import { defined } from '../generate/defined.ts'
import type { Hook } from '../spec/hooks.ts'
import { type HookDefinition, type HookFileStage, hookFileStages } from './definition.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * A hook file, version 1.0.0 or 0.1.0 (oci-hooks(5)).
 * @throws RuntimeToolsError HOOK_INVALID
 */
export function parseHook(name: string, text: string): HookDefinition {
  const file = fields(name, parseJson(name, text), 'the file')
  if (file.version === '1.0.0') return parseCurrent(name, file)
  if (file.version === undefined || file.version === '0.1.0') return parseOld(name, file)
  throw invalid(name, `version ${JSON.stringify(file.version)} is not known`)
}

function parseCurrent(name: string, file: Fields): HookDefinition {
  const when = fields(name, file.when ?? {}, '"when"')
  const conditions = defined({
    always: optional(name, when.always, isBoolean, '"always"'),
    annotations: checkedPatterns(name, optional(name, when.annotations, isTextMap, '"annotations"')),
    commands: checkedList(name, optional(name, when.commands, isTextList, '"commands"')),
    hasBindMounts: optional(name, when.hasBindMounts, isBoolean, '"hasBindMounts"'),
  })
  if (Object.keys(conditions).length === 0) throw invalid(name, '"when" has no condition')
  return {
    name,
    hook: parseProgram(name, file.hook),
    stages: parseStages(name, file.stages),
    when: conditions,
    match: 'all',
  }
}

function parseOld(name: string, file: Fields): HookDefinition {
  const commands = [...list(name, file.cmds), ...list(name, file.cmd)]
  const annotations = [...list(name, file.annotations), ...list(name, file.annotation)]
  const conditions = defined({
    annotations: annotations.length > 0 ? { '.*': annotations.map(part => `(?:${part})`).join('|') } : undefined,
    commands: checkedList(name, commands.length > 0 ? commands : undefined),
    hasBindMounts: optional(name, file.hasbindmounts, isBoolean, '"hasbindmounts"'),
  })
  const args = list(name, file.arguments)
  const path = text(name, file.hook, '"hook"')
  return {
    name,
    hook: checkedHook(name, args.length > 0 ? { path, args: [path, ...args] } : { path }),
    stages: parseStages(name, [...list(name, file.stages), ...list(name, file.stage)]),
    when: {
      ...conditions,
      ...(conditions.annotations ? { annotations: checkedPatterns(name, conditions.annotations) ?? {} } : {}),
    },
    match: 'any',
  }
}

function parseProgram(name: string, value: unknown): Hook {
  const hook = fields(name, value, '"hook"')
  return checkedHook(
    name,
    defined({
      path: text(name, hook.path, '"hook.path"'),
      args: optional(name, hook.args, isTextList, '"hook.args"'),
      env: optional(name, hook.env, isTextList, '"hook.env"'),
      timeout: optional(name, hook.timeout, isSeconds, '"hook.timeout"'),
    }),
  )
}

function checkedHook(name: string, hook: Hook): Hook {
  if (!hook.path.startsWith('/')) throw invalid(name, `the path "${hook.path}" is not absolute`)
  return hook
}

function parseStages(name: string, value: unknown): readonly HookFileStage[] {
  const stages = list(name, value)
  const unknown = stages.find(stage => !(hookFileStages as readonly string[]).includes(stage))
  if (unknown !== undefined) throw invalid(name, `stage "${unknown}" is not known`)
  if (stages.length === 0) throw invalid(name, 'it names no stage')
  return stages as readonly HookFileStage[]
}

function checkedPatterns(name: string, map: Readonly<Record<string, string>> | undefined) {
  checkedList(name, map && Object.entries(map).flat())
  return map
}

function checkedList(name: string, patterns: readonly string[] | undefined): readonly string[] | undefined {
  for (const pattern of patterns ?? []) {
    try {
      new RegExp(pattern, 'u')
    } catch (cause) {
      throw invalid(name, `"${pattern}" is no regular expression`, cause)
    }
  }
  return patterns
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(name, 'it is not JSON', cause)
  }
}

function fields(name: string, value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw invalid(name, `${what} is not an object`)
}

function text(name: string, value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(name, `${what} is missing`)
}

function list(name: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [value]
  if (isTextList(value)) return value
  throw invalid(name, 'a list holds something that is no text')
}

function optional<T>(name: string, value: unknown, is: (value: unknown) => value is T, what: string): T | undefined {
  if (value === undefined || value === null) return undefined
  if (is(value)) return value
  throw invalid(name, `${what} has the wrong type`)
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isText = (value: unknown): value is string => typeof value === 'string'
const isTextList = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText)
const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0
const isTextMap = (value: unknown): value is Readonly<Record<string, string>> => {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
}

const invalid = (name: string, reason: string, cause?: unknown) =>
  new RuntimeToolsError('HOOK_INVALID', `hook file ${name}: ${reason}`, { subject: name, cause })
