import type { Hook, HookStage, Hooks } from '../spec/hooks.ts'
import type { HookConditions, HookDefinition, HookFileStage } from './definition.ts'

/** What a hook's conditions look at. */
export interface HookSubject {
  readonly annotations: Readonly<Record<string, string>>
  /** `process.args[0]`. */
  readonly command: string
  readonly hasBindMounts: 'yes' | 'no'
}

/** Hooks that a container gets, by who runs them. */
export interface MatchedHooks {
  /** For `config.json`. */
  readonly runtime: Hooks
  /** Run by the engine: `precreate` before the runtime sees the spec, `poststop` after the container is deleted. */
  readonly engine: { readonly precreate: readonly Hook[]; readonly poststop: readonly Hook[] }
}

/** Chooses, in the order given, the hooks whose conditions hold. */
export function matchHooks(definitions: readonly HookDefinition[], subject: HookSubject): MatchedHooks {
  const wanted = definitions.filter(definition => applies(definition, subject))
  const at = (stage: HookFileStage) => wanted.filter(({ stages }) => stages.includes(stage)).map(({ hook }) => hook)
  const runtime: { [Stage in HookStage]?: readonly Hook[] } = {}
  for (const stage of runtimeStages) {
    const hooks = at(stage)
    if (hooks.length > 0) runtime[stage] = hooks
  }
  return { runtime, engine: { precreate: at('precreate'), poststop: at('poststop') } }
}

const runtimeStages = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart'] as const

function applies({ when, match }: HookDefinition, subject: HookSubject): boolean {
  const verdicts = conditions(when, subject)
  return match === 'all' ? verdicts.every(Boolean) : verdicts.some(Boolean)
}

function conditions(when: HookConditions, subject: HookSubject): readonly boolean[] {
  const { always, annotations, commands, hasBindMounts } = when
  return [
    ...(always === undefined ? [] : [always]),
    ...(annotations ? Object.entries(annotations).map(pair => matchesAnnotation(pair, subject.annotations)) : []),
    ...(commands ? [commands.some(pattern => new RegExp(pattern, 'u').test(subject.command))] : []),
    ...(hasBindMounts === undefined ? [] : [hasBindMounts === (subject.hasBindMounts === 'yes')]),
  ]
}

function matchesAnnotation([key, value]: [string, string], annotations: Readonly<Record<string, string>>): boolean {
  const keys = new RegExp(key, 'u')
  const values = new RegExp(value, 'u')
  return Object.entries(annotations).some(([name, text]) => keys.test(name) && values.test(text))
}
